"""E-mail: fetched from a mailbox over IMAP, answered over SMTP."""
