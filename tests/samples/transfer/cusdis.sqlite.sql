CREATE TABLE projects (id TEXT PRIMARY KEY, title TEXT, token TEXT);
CREATE TABLE pages (id TEXT PRIMARY KEY, slug TEXT, url TEXT, title TEXT, "projectId" TEXT);
CREATE TABLE comments (
    id TEXT PRIMARY KEY, "pageId" TEXT, created_at DATETIME, updated_at DATETIME, "deletedAt" DATETIME,
    "moderatorId" TEXT, by_email TEXT, by_nickname TEXT, content TEXT, approved BOOLEAN, "parentId" TEXT
);
INSERT INTO pages VALUES ('p1', 'post-42', 'https://blog.example/2026/kaffee/', 'Kaffee', 'x');
INSERT INTO comments VALUES ('c1', 'p1', 1767261600000, 1767261600000, NULL, NULL, 'ben@example.org', 'Ben', 'Sehr *gut*!', 1, NULL);
INSERT INTO comments VALUES ('c2', 'p1', 1767265200000, 1767265200000, NULL, 'm1', 'ada@example.org', 'Ada', 'Danke', 0, 'c1');
INSERT INTO comments VALUES ('c3', 'p1', 1767268800000, 1767268800000, 1767268900000, NULL, NULL, 'Cy', 'Weg', 1, NULL);
