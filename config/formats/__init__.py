"""How Django itself writes days and moments: what the admin shows of a record looks as it does on the product's pages."""
