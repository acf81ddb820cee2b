"""The ledger: double entry in whole minor units, changed by reversal alone; invoices, revenue, statements."""
