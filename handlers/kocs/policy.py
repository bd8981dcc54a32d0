"""Members who carry their group are found, named, renewed and thanked."""
