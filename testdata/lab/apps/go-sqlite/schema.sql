create table moves (
  id integer primary key,
  name text not null,
  change integer not null check (typeof(change) = 'integer')
);
insert into moves (name, change) values ('bolts', 120), ('nuts', 80), ('bolts', -20), ('saw', 1), ('saw', -1);
