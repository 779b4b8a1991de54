"""The pages, one file each: reads, renders a typed context, done."""
