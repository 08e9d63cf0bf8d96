"""Native charts: blocks in, charts on a slide out, each with its workbook, that a person goes on with."""
