-- PostgreSQL database dump
CREATE TABLE public.comments (
    id text NOT NULL
);
COPY public.comments (id, "pageId", created_at, "deletedAt", "moderatorId", by_email, by_nickname, content, approved, "parentId") FROM stdin;
c1	p1	2026-01-01 10:00:00	\N	\N	ben@example.org	Ben	Sehr *gut*!\n\nUnd ein \\ Strich.	t	\N
c2	p1	2026-01-01 11:00:00.5	\N	m1	ada@example.org	Ada	Danke	f	c1
\.

COPY public.pages (id, slug, url, title, "projectId") FROM stdin;
p1	post-42	https://blog.example/2026/kaffee/	Kaffee	x
\.
