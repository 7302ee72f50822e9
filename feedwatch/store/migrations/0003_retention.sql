-- Ways back from what is removed to what refers to it: without them every removal would look through whole tables.

CREATE INDEX alert_articles_article ON alert_articles(article_id);
CREATE INDEX alert_articles_decision ON alert_articles(decision_id);
CREATE INDEX decisions_revision ON decisions(revision_id) WHERE revision_id IS NOT NULL;
CREATE INDEX alerts_story ON alerts(story_id) WHERE story_id IS NOT NULL;
CREATE INDEX alerts_window ON alerts(window_id) WHERE window_id IS NOT NULL;
CREATE INDEX deliveries_window ON deliveries(window_id) WHERE window_id IS NOT NULL;
