"""Cases in spreadsheets, CSV and XLSX: one row is one case, read as people write them, and written to be read again."""
