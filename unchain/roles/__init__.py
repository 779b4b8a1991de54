"""The three processes of a running installation, one file each; each imports only what it needs."""
