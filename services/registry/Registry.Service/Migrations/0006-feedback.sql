-- What the host fed back is read at home, not only dated; encrypted, since people write about people.
alter table outbound_card add column last_feedback bytea;
