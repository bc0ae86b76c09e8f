PRAGMA user_version = 5;
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (
    tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
    modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR,
    website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL,
    notification INTEGER DEFAULT 0
);
CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);
INSERT INTO preferences VALUES ('session-key', 'a secret');
INSERT INTO threads VALUES (1, '/2026/kaffee/', 'Kaffee & Kuchen');
INSERT INTO comments VALUES (1, 1, NULL, 1767261600.5, NULL, 1, '192.0.2.0', 'Sehr *gut*!

<b>roh</b>', 'Ben &amp; Co', 'ben@example.org', 'https://ben.example/?a=1&amp;b=2', 3, 1, x'00ff', 1);
INSERT INTO comments VALUES (1, 2, 1, 1767265200.0, 1767265300.25, 2, '192.0.2.0', 'Wartet', NULL, NULL, NULL, 0, 0, x'00', 0);
INSERT INTO comments VALUES (1, 3, 1, 1767268800.0, NULL, 4, '192.0.2.0', '', NULL, NULL, NULL, 0, 0, x'00', 0);
