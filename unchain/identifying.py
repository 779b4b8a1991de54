"""Entries of which we know the address but not the service's own id: a human has found them by hand."""

from dataclasses import replace

from connectors.base import Connector, Finds
from domain.publication import Receipt


async def identified(connector: Connector, receipt: Receipt) -> Receipt:
    """The receipt with the service's own id, where the service can tell it by our key; raises ConnectorError.

    Without an id nothing can be added to the entry, read below it or taken away; people are sent to it.
    """
    if receipt.entry_id or not isinstance(connector, Finds):
        return receipt
    found = await connector.find(receipt.key)
    return receipt if found is None else replace(found, url=receipt.url)
