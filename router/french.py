"""The sentences of trails and reasons in French, beside the English ones that the code writes.

{n} stands for a number, {span} for a range, {words} for a choice, {kind} for kinds, {sentence} for another
sentence of this table, other names for anything. A test proves that no sentence is missing.
"""

SENTENCES = {
    # Gates
    "It has words to publish.": "Il y a de quoi publier.",
    "There is no mail by a person in it.": "Il ne contient aucun message écrit par une personne.",
    "Nobody wrote any words of their own in it.": "Personne n’y a rien écrit de sa main.",
    "No mail in it was meant for the whole conversation.": (
        "Aucun courriel n’y est adressé à toute la conversation."
    ),
    "It has mails that were meant for the whole conversation.": (
        "Des courriels y sont adressés à toute la conversation."
    ),
    "The sensitive gate found nothing.": "Le filtre des contenus sensibles n’a rien trouvé.",
    "It is sensitive ({topics}).": "Le contenu est sensible ({topics}).",
    "A mail carries the sensitivity label {label}.": (
        "Un message porte la mention de confidentialité {label}."
    ),
    "No mail carries a sensitivity label that restricts it.": (
        "Aucun message ne porte de mention restrictive."
    ),
    "A mail is encrypted.": "Un message est chiffré.",
    "No mail is encrypted.": "Aucun message n’est chiffré.",
    "A signed mail says that it is confidential.": "Un message signé se dit confidentiel.",
    "No signed mail says that it is confidential.": "Aucun message signé ne se dit confidentiel.",
    "Only machines wrote in it.": "Seules des machines y ont écrit.",
    "A person wrote in it.": "Une personne y a écrit.",
    "The sender of a mail could not be read, so nobody knows whether they are internal.": (
        "L’expéditeur d’un message est illisible : rien ne dit qu’il fait partie de l’organisation."
    ),
    "Somebody from outside wrote or received.": "Une personne extérieure a écrit ou reçu un message.",
    "Only internal people wrote and received.": "Seules des personnes de l’organisation ont écrit et reçu.",
    "A mail names somebody in {field} whose address cannot be read.": (
        "Un message nomme dans {field} quelqu’un dont l’adresse est illisible."
    ),
    "The address of everybody named in a mail can be read.": (
        "Les adresses de toutes les personnes nommées sont lisibles."
    ),
    "It quotes or forwards a mail from outside.": "Un message venu de l’extérieur y est cité ou transféré.",
    "It quotes no mail from outside.": "Aucun message venu de l’extérieur n’y est cité.",
    "Somebody had a blind copy (Bcc).": "Quelqu’un était en copie cachée (Cci).",
    "Nobody had a blind copy (Bcc).": "Personne n’était en copie cachée (Cci).",
    "It was sent to a list or group.": "Il a été envoyé à une liste ou à un groupe.",
    "It is between two people.": "C’est un échange entre deux personnes.",
    "{n} people take part.": "{n} personnes y participent.",
    "A participant has opted out.": "Un participant s’est désinscrit.",
    "No participant has opted out.": "Aucun participant ne s’est désinscrit.",
    "A participant wants it kept in the mail.": "Un participant veut le garder dans le courriel.",
    "No participant asked to keep it in the mail.": (
        "Aucun participant n’a demandé à le garder dans le courriel."
    ),
    # Spaces
    "Somebody from outside takes part, so no space may show it.": (
        "Une personne extérieure participe : aucun espace ne peut le montrer."
    ),
    "Everyone at {organisation} may read “{space}”.": (
        "Tout le monde chez {organisation} peut lire « {space} »."
    ),
    "Only the participants may read it in “{space}”.": (
        "Seuls les participants peuvent le lire dans « {space} »."
    ),
    "The audience “{audience}” of “{space}” is not known.": (
        "Le public « {audience} » de l’espace « {space} » est inconnu."
    ),
    "All participants belong to the group “{group}”, which reads “{space}”.": (
        "Tous les participants font partie du groupe « {group} », qui lit « {space} »."
    ),
    "Not all participants are known to belong to the group “{group}”, which reads “{space}”.": (
        "Rien ne dit que tous les participants font partie du groupe « {group} », qui lit « {space} »."
    ),
    "In the mail nobody else reads it.": "Dans le courriel, personne d’autre ne le lit.",
    "There is no space named “{space}”.": "Il n’y a pas d’espace nommé « {space} ».",
    # Rules
    "It does not apply.": "Elle ne s’applique pas.",
    "It applies, but a gate keeps the thread in the mail.": (
        "Elle s’applique, mais un filtre garde le fil dans le courriel."
    ),
    "It applies, but the space “{space}” may not show the thread.": (
        "Elle s’applique, mais l’espace « {space} » ne peut pas montrer le fil."
    ),
    "It applies, but an earlier rule has decided.": "Elle s’applique, mais une règle précédente a décidé.",
    "It applies: {space} ({stage}).": "Elle s’applique : {space} ({stage}).",
    "No rule applies, so it stays in the mail.": "Aucune règle ne s’applique : il reste dans le courriel.",
    "The rule “{rule}” keeps it in the mail.": "La règle « {rule} » le garde dans le courriel.",
    "The rule “{rule}” applies, but: {sentence}": "La règle « {rule} » s’applique, mais : {sentence}",
    "The rule “{rule}” moves it to {space}.": "La règle « {rule} » le déplace vers {space}.",
    "The rule “{rule}” suggests to move it to {space}.": (
        "La règle « {rule} » propose de le déplacer vers {space}."
    ),
    "The rule “{rule}” would move it to {space} (observing only).": (
        "La règle « {rule} » le déplacerait vers {space} (observation seulement)."
    ),
    "The person who started it belongs to the group {words}.": (
        "La personne qui l’a lancé fait partie du groupe {words}."
    ),
    "The person who started it does not belong to the group {words}.": (
        "La personne qui l’a lancé ne fait pas partie du groupe {words}."
    ),
    "All hold.": "Tout est vérifié.",
    "{n} of {m} hold; all must.": "Vérifié : {n} sur {m} ; il faut tout.",
    "{n} of {m} hold; one is enough.": "Vérifié : {n} sur {m} ; un suffit.",
    "{n} of {m} exceptions apply.": "Exceptions qui s’appliquent : {n} sur {m}.",
    "No exception applies.": "Aucune exception ne s’applique.",
    # Conditions
    "The classifier could not tell the kind.": "Le classificateur n’a pas pu dire la nature du fil.",
    "The kind is {kind}, not {kinds}.": "C’est {kind}, et non {kinds}.",
    "The kind is {kind}.": "C’est {kind}.",
    "The classifier is {score} sure, at least {least}.": (
        "Le classificateur est sûr à {score}, au moins {least}."
    ),
    "The classifier is {score} sure, less than the wanted {least}.": (
        "Le classificateur est sûr à {score}, moins que les {least} voulus."
    ),
    "Colleagues would be better served in a shared space.": (
        "Il serait plus utile aux collègues dans un espace partagé."
    ),
    "Colleagues would not be better served in a shared space.": (
        "Il ne serait pas plus utile aux collègues dans un espace partagé."
    ),
    "Its use for colleagues is {score}, at least {least}.": (
        "Son utilité pour les collègues est de {score}, au moins {least}."
    ),
    "Its use for colleagues is {score}, less than the wanted {least}.": (
        "Son utilité pour les collègues est de {score}, moins que les {least} voulus."
    ),
    "The language is {language}, not {words}.": "La langue est {language}, et non {words}.",
    "The language is {language}.": "La langue est {language}.",
    "A sender fits {word}.": "Un expéditeur correspond à {word}.",
    "No sender fits {words}.": "Aucun expéditeur ne correspond à {words}.",
    "A recipient fits {word}.": "Un destinataire correspond à {word}.",
    "No recipient fits {words}.": "Aucun destinataire ne correspond à {words}.",
    "It goes to the list {word}.": "Il passe par la liste {word}.",
    "It does not go to the list {words}.": "Il ne passe pas par la liste {words}.",
    "Nobody of the group {words} takes part.": "Personne du groupe {words} n’y participe.",
    "The group “{group}” takes part.": "Le groupe « {group} » y participe.",
    "Somebody of {word} takes part.": "Quelqu’un de {word} y participe.",
    "Nobody of {words} takes part.": "Personne de {words} n’y participe.",
    "Only internal people take part.": "Seules des personnes de l’organisation y participent.",
    "Somebody from outside takes part.": "Une personne extérieure y participe.",
    "The subject holds {word}.": "L’objet contient {word}.",
    "No subject holds {words}.": "Aucun objet ne contient {words}.",
    "No message has the header {word}.": "Aucun message n’a l’en-tête {word}.",
    "A message has the header {word}.": "Un message a l’en-tête {word}.",
    "The header {word} does not hold {words}.": "L’en-tête {word} ne contient pas {words}.",
    "The header {word} holds {words}.": "L’en-tête {word} contient {words}.",
    "It has no messages.": "Il n’a aucun message.",
    "It has {amount}; wanted {span}.": "Il compte {amount} ; voulu : {span}.",
    "It went to everyone; wanted {span} people.": "Il est allé à tout le monde ; personnes voulues : {span}.",
    "{n} people take part; wanted {span}.": "{n} personnes y participent ; voulu : {span}.",
    "1 person takes part; wanted {span}.": "1 personne y participe ; voulu : {span}.",
    "Its answers go {n} deep; wanted {span}.": "Ses réponses vont à {n} niveaux ; voulu : {span}.",
    "It began {amount} ago; wanted {span}.": "Il a commencé il y a {amount} ; voulu : {span}.",
    "It is quiet for {amount}; wanted {span}.": "Rien de nouveau depuis {amount} ; voulu : {span}.",
    "It began on {day} {moment}, which fits.": "Il a commencé {day} {moment}, ce qui convient.",
    "It began on {day} {moment}, which does not fit.": (
        "Il a commencé {day} {moment}, ce qui ne convient pas."
    ),
}

# Single words and runs of words within the placeholders of the names on the left.
WORDS = {
    "kind": {
        "discussion": "une discussion",
        "question": "une question",
        "announcement": "une annonce",
        "update": "un point de situation",
        "knowledge": "du savoir-faire",
        "coordination": "de la coordination",
        "notification": "une notification",
        "personal": "personnel",
    },
    "topics": {
        "staff": "personnel",
        "health": "santé",
        "legal": "juridique",
        "money": "finances",
        "credentials": "mots de passe",
        "family": "famille",
        "identity": "identité",
        "security": "sécurité",
        "customer": "clients",
        "marking": "mention confidentielle",
        "label": "étiquette",
        "classifier": "classificateur",
        "gate failed": "le filtre a échoué",
        "private": "vie privée",
    },
    "day": {
        "Monday": "lundi",
        "Tuesday": "mardi",
        "Wednesday": "mercredi",
        "Thursday": "jeudi",
        "Friday": "vendredi",
        "Saturday": "samedi",
        "Sunday": "dimanche",
    },
    "stage": {"observe": "observer", "suggest": "proposer", "move": "déplacer"},
    "span": {"at least": "au moins", "at most": "au plus", "from": "de", "to": "à"},
    "amount": {
        "messages": "messages",
        "words": "mots",
        "word": "mot",
        "attachments": "fichiers joints",
        "attachment": "fichier joint",
        "days": "jours",
        "day": "jour",
        "hours": "heures",
        "hour": "heure",
        "minutes": "minutes",
        "minute": "minute",
    },
    "words": {"or": "ou"},
    "space": {"and": "et"},
}
WORDS["kinds"] = WORDS["kind"] | WORDS["words"]

# Names of steps; the parts behind a colon stay.
NAMES = {
    "gate: content": "filtre : contenu",
    "gate: sensitive": "filtre : contenu sensible",
    "gate: sensitivity label": "filtre : mention de confidentialité",
    "gate: encrypted": "filtre : chiffrement",
    "gate: signed and confidential": "filtre : signé et confidentiel",
    "gate: automatic": "filtre : automatique",
    "gate: outsiders": "filtre : personnes extérieures",
    "gate: unread people": "filtre : adresses illisibles",
    "gate: quoted outsiders": "filtre : citations de l’extérieur",
    "gate: blind copy": "filtre : copie cachée",
    "gate: two people": "filtre : deux personnes",
    "gate: opted out": "filtre : désinscriptions",
    "gate: vetoed": "filtre : veto",
    "gate: asides": "filtre : apartés",
    "rule": "règle",
    "audience": "public",
    "when": "si",
    "unless": "sauf si",
    "groups": "groupes",
    "all of": "tous",
    "all": "tous (all)",
    "any": "au moins un (any)",
    "none": "aucun (none)",
}
