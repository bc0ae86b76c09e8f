-- MySQL dump 10.13
CREATE TABLE `pages` (
  `id` varchar(191) NOT NULL,
  `slug` varchar(191) NOT NULL,
  `url` varchar(191) DEFAULT NULL,
  `title` varchar(191) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;
INSERT INTO `pages` VALUES ('p1','post-42',NULL,'Ada\'s (Notizen)');
CREATE TABLE `comments` (
  `id` varchar(191) NOT NULL,
  `pageId` varchar(191) NOT NULL,
  `created_at` datetime(3) NOT NULL,
  `deletedAt` datetime(3) DEFAULT NULL,
  `by_nickname` varchar(191) NOT NULL,
  `content` text NOT NULL,
  `approved` tinyint(1) NOT NULL,
  `parentId` varchar(191) DEFAULT NULL
) ENGINE=InnoDB;
INSERT INTO `comments` VALUES ('c1','p1','2026-01-01 10:00:00.000',NULL,'Ben','Sehr gut; (wirklich)\nneue ''Zeile''',1,NULL),('c2','p1','2026-01-01 11:00:00.000',NULL,'Ada','Danke',0,'c1');
