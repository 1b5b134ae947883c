-- A database as arena 8a9d869 made it (schema version 3): "arena record", eval,
-- vote, compare, battle and undo on scripted answers; one battle was then set
-- to void by hand, and "arena db rebuild" run.  Written with sqlite3's .dump.
PRAGMA application_id=1098016110;
PRAGMA user_version=3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE models (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL, -- '': known by name only
  created_ms INTEGER NOT NULL
) STRICT;
INSERT INTO models VALUES(1,'elder','',1795898043648);
INSERT INTO models VALUES(2,'elder2','',1795898043648);
INSERT INTO models VALUES(3,'quick','{"backend":"replay","id":"x","script":"s.json"}',1795898043674);
INSERT INTO models VALUES(4,'slow','{"backend":"replay","id":"y","script":"s.json"}',1795898043675);
INSERT INTO models VALUES(5,'zorblax9','{"backend":"replay","id":"z","script":"s.json"}',1795898043676);
INSERT INTO models VALUES(6,'broken','{"backend":"replay","id":"w","script":"s.json"}',1795898077451);
CREATE TABLE prompts (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL, -- '': of a vote made elsewhere
  category TEXT NOT NULL,
  external_id TEXT,
  created_ms INTEGER NOT NULL,
  UNIQUE (text, category)
) STRICT;
INSERT INTO prompts VALUES(1,'','math',NULL,1795898043648);
INSERT INTO prompts VALUES(2,'','',NULL,1795898043655);
INSERT INTO prompts VALUES(3,'Why is the sky blue?','',NULL,1795898043678);
INSERT INTO prompts VALUES(4,'Name yourself.','',NULL,1795898043692);
INSERT INTO prompts VALUES(5,'Which one?','',NULL,1795898043726);
INSERT INTO prompts VALUES(6,'Skip this','',NULL,1795898043740);
INSERT INTO prompts VALUES(7,'Both are bad','',NULL,1795898043760);
INSERT INTO prompts VALUES(8,'Third?','',NULL,1795898077514);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  settings TEXT NOT NULL, -- one line of JSON
  created_ms INTEGER NOT NULL
) STRICT;
INSERT INTO runs VALUES(1,'r','{"prompts_hash":"e118f7cf53237f0e","prompts":"p.txt","models":["quick","slow","zorblax9"],"models_hash":"33ffb8b1d2a2f7a6","pairs":"all","seed":"1","max_tokens":512}',1795898043677);
INSERT INTO runs VALUES(2,'r2','{"prompts_hash":"47fe924e5a106a1b","prompts":"q.txt","models":["quick","slow","zorblax9","broken"],"models_hash":"ca51d55ab7e34421","pairs":"all","seed":"2","max_tokens":512}',1795898077509);
CREATE TABLE battles (
  id INTEGER PRIMARY KEY,
  prompt_id INTEGER NOT NULL REFERENCES prompts,
  run_id INTEGER REFERENCES runs,
  model_a INTEGER NOT NULL REFERENCES models,
  model_b INTEGER NOT NULL REFERENCES models,
  state TEXT NOT NULL CHECK
    (state IN ('open', 'ready', 'voted', 'skipped', 'void')),
  probability REAL, -- that this pair was drawn
  named INTEGER NOT NULL, -- names were known: never rated
  pace TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  CHECK (model_a <> model_b)
) STRICT;
INSERT INTO battles VALUES(1,1,NULL,1,2,'voted',NULL,0,'',1795898043648);
INSERT INTO battles VALUES(2,2,NULL,2,1,'voted',NULL,0,'',1795898043655);
INSERT INTO battles VALUES(3,2,NULL,1,2,'skipped',NULL,0,'',1795898043661);
INSERT INTO battles VALUES(4,3,1,4,3,'voted',1.0,0,'hold',1795898043684);
INSERT INTO battles VALUES(5,3,1,4,5,'voted',1.0,0,'hold',1795898043687);
INSERT INTO battles VALUES(6,3,1,5,3,'voted',1.0,0,'hold',1795898043690);
INSERT INTO battles VALUES(7,4,1,3,4,'voted',1.0,0,'hold',1795898043695);
INSERT INTO battles VALUES(8,4,1,3,5,'ready',1.0,0,'hold',1795898043697);
INSERT INTO battles VALUES(9,4,1,5,4,'voted',1.0,0,'hold',1795898043699);
INSERT INTO battles VALUES(10,5,NULL,3,4,'ready',NULL,1,'live',1795898043726);
INSERT INTO battles VALUES(11,6,NULL,5,4,'skipped',0.5,0,'hold',1795898043740);
INSERT INTO battles VALUES(12,7,NULL,5,3,'voted',0.78571428571428569842,0,'hold',1795898043760);
INSERT INTO battles VALUES(13,8,2,3,4,'void',1.0,0,'hold',1795898077528);
INSERT INTO battles VALUES(14,8,2,3,5,'ready',1.0,0,'hold',1795898077547);
INSERT INTO battles VALUES(15,8,2,6,3,'void',1.0,0,'hold',1795898077570);
INSERT INTO battles VALUES(16,8,2,4,5,'ready',1.0,0,'hold',1795898077591);
INSERT INTO battles VALUES(17,8,2,6,4,'void',1.0,0,'hold',1795898077602);
INSERT INTO battles VALUES(18,8,2,5,6,'void',1.0,0,'hold',1795898077638);
CREATE TABLE answers (
  id INTEGER PRIMARY KEY,
  battle_id INTEGER NOT NULL REFERENCES battles,
  turn INTEGER NOT NULL,
  round INTEGER NOT NULL, -- of regeneration; the last one counts
  side INTEGER NOT NULL CHECK (side IN (0, 1)),
  prompt TEXT NOT NULL,
  text TEXT NOT NULL,
  thinking TEXT NOT NULL,
  settings TEXT NOT NULL,
  finish TEXT NOT NULL,
  error_status INTEGER NOT NULL, -- an exit status of arena, 0: none
  error TEXT NOT NULL,
  n_in INTEGER,
  n_out INTEGER,
  n_think INTEGER,
  cost REAL,
  load_ms INTEGER,
  first_ms INTEGER,
  total_ms INTEGER,
  request_id TEXT NOT NULL,
  UNIQUE (battle_id, turn, round, side)
) STRICT;
INSERT INTO answers VALUES(1,4,1,1,0,'Why is the sky blue?','The sky reflects the sea.','','{"max_tokens":512,"seed":"3212153813246306","model":{"backend":"replay","id":"y","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(2,5,1,1,0,'Why is the sky blue?','The sky reflects the sea.','','{"max_tokens":512,"seed":"3212153813246306","model":{"backend":"replay","id":"y","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(3,4,1,1,1,'Why is the sky blue?','Because of scattering.','','{"max_tokens":512,"seed":"3212153813246306","model":{"backend":"replay","id":"x","script":"s.json"}}','stop',0,'',NULL,2,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(4,6,1,1,1,'Why is the sky blue?','Because of scattering.','','{"max_tokens":512,"seed":"3212153813246306","model":{"backend":"replay","id":"x","script":"s.json"}}','stop',0,'',NULL,2,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(5,6,1,1,0,'Why is the sky blue?','I am Zorblax9, and I do not know.','','{"max_tokens":512,"seed":"3212153813246306","model":{"backend":"replay","id":"z","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(6,5,1,1,1,'Why is the sky blue?','I am Zorblax9, and I do not know.','','{"max_tokens":512,"seed":"3212153813246306","model":{"backend":"replay","id":"z","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(7,7,1,1,0,'Name yourself.','Because of scattering.','','{"max_tokens":512,"seed":"3443164884260706","model":{"backend":"replay","id":"x","script":"s.json"}}','stop',0,'',NULL,2,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(8,8,1,1,0,'Name yourself.','Because of scattering.','','{"max_tokens":512,"seed":"3443164884260706","model":{"backend":"replay","id":"x","script":"s.json"}}','stop',0,'',NULL,2,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(9,7,1,1,1,'Name yourself.','The sky reflects the sea.','','{"max_tokens":512,"seed":"3443164884260706","model":{"backend":"replay","id":"y","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(10,9,1,1,1,'Name yourself.','The sky reflects the sea.','','{"max_tokens":512,"seed":"3443164884260706","model":{"backend":"replay","id":"y","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(11,8,1,1,1,'Name yourself.','I am Zorblax9, and I do not know.','','{"max_tokens":512,"seed":"3443164884260706","model":{"backend":"replay","id":"z","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(12,9,1,1,0,'Name yourself.','I am Zorblax9, and I do not know.','','{"max_tokens":512,"seed":"3443164884260706","model":{"backend":"replay","id":"z","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(13,10,1,1,0,'Which one?','Because of scattering.','','{"max_tokens":512,"seed":"691910138014628","model":{"backend":"replay","id":"x","script":"s.json"}}','stop',0,'',NULL,2,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(14,10,1,1,1,'Which one?','The sky reflects the sea.','','{"max_tokens":512,"seed":"691910138014628","model":{"backend":"replay","id":"y","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(15,11,1,1,0,'Skip this','I am Zorblax9, and I do not know.','','{"max_tokens":512,"seed":"2263302536256110","model":{"backend":"replay","id":"z","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(16,11,1,1,1,'Skip this','The sky reflects the sea.','','{"max_tokens":512,"seed":"2263302536256110","model":{"backend":"replay","id":"y","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(17,12,1,1,0,'Both are bad','I am Zorblax9, and I do not know.','','{"max_tokens":512,"seed":"882374572160222","model":{"backend":"replay","id":"z","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(18,12,1,1,1,'Both are bad','Because of scattering.','','{"max_tokens":512,"seed":"882374572160222","model":{"backend":"replay","id":"x","script":"s.json"}}','stop',0,'',NULL,2,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(19,13,1,1,0,'Third?','Because of scattering.','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"x","script":"s.json"}}','stop',0,'',NULL,2,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(20,14,1,1,0,'Third?','Because of scattering.','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"x","script":"s.json"}}','stop',0,'',NULL,2,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(21,15,1,1,1,'Third?','Because of scattering.','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"x","script":"s.json"}}','stop',0,'',NULL,2,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(22,13,1,1,1,'Third?','The sky reflects the sea.','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"y","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(23,16,1,1,0,'Third?','The sky reflects the sea.','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"y","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(24,17,1,1,1,'Third?','The sky reflects the sea.','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"y","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(25,15,1,1,0,'Third?','','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"w","script":"s.json"}}','error',5,'/tmp/fx/c/arena/s.json: no answer to this prompt; add one without "prompt" and "contains"',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'');
INSERT INTO answers VALUES(26,17,1,1,0,'Third?','','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"w","script":"s.json"}}','error',5,'/tmp/fx/c/arena/s.json: no answer to this prompt; add one without "prompt" and "contains"',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'');
INSERT INTO answers VALUES(27,18,1,1,1,'Third?','','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"w","script":"s.json"}}','error',5,'/tmp/fx/c/arena/s.json: no answer to this prompt; add one without "prompt" and "contains"',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'');
INSERT INTO answers VALUES(28,14,1,1,1,'Third?','I am Zorblax9, and I do not know.','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"z","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(29,16,1,1,1,'Third?','I am Zorblax9, and I do not know.','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"z","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
INSERT INTO answers VALUES(30,18,1,1,0,'Third?','I am Zorblax9, and I do not know.','','{"max_tokens":512,"seed":"8509553955174392","model":{"backend":"replay","id":"z","script":"s.json"}}','stop',0,'',NULL,3,NULL,NULL,NULL,0,0,'');
CREATE TABLE elo_params (
  id INTEGER PRIMARY KEY,
  k REAL NOT NULL,
  base REAL NOT NULL,
  scale REAL NOT NULL,
  start REAL NOT NULL,
  UNIQUE (k, base, scale, start)
) STRICT;
INSERT INTO elo_params VALUES(1,16.0,10.0,400.0,1000.0);
CREATE TABLE votes (
  id INTEGER PRIMARY KEY,
  battle_id INTEGER NOT NULL REFERENCES battles,
  verdict TEXT NOT NULL CHECK
    (verdict IN ('a', 'b', 'tie', 'bad')),
  voter TEXT NOT NULL, -- human:NAME or judge:NAME
  attempt INTEGER NOT NULL, -- 1; more after a withdrawal
  external_id TEXT UNIQUE,
  dwell_ms INTEGER,
  corrected INTEGER NOT NULL, -- names were known: not rated
  early INTEGER NOT NULL,
  leak INTEGER NOT NULL, -- an answer told whose it was: not rated
  comment TEXT,
  elo_id INTEGER NOT NULL REFERENCES elo_params,
  created_ms INTEGER NOT NULL,
  UNIQUE (battle_id, voter, attempt)
) STRICT;
INSERT INTO votes VALUES(1,1,'tie','human:ann',1,'k1',NULL,0,0,0,NULL,1,1795898043648);
INSERT INTO votes VALUES(2,2,'b','judge:gpt',1,'k2',NULL,0,0,0,NULL,1,1795898043655);
INSERT INTO votes VALUES(3,3,'a','human:bob',1,'k3',NULL,0,0,0,NULL,1,1795898043661);
INSERT INTO votes VALUES(4,4,'a','human:ann',1,NULL,0,0,0,0,NULL,1,1795898043710);
INSERT INTO votes VALUES(5,7,'b','human:ann',1,NULL,0,0,0,0,NULL,1,1795898043718);
INSERT INTO votes VALUES(6,12,'bad','human:ann',1,NULL,0,0,0,1,NULL,1,1795898043769);
INSERT INTO votes VALUES(7,7,'a','human:ann',2,NULL,0,1,0,0,NULL,1,1795898077458);
INSERT INTO votes VALUES(8,5,'a','human:ann',1,NULL,0,0,0,1,NULL,1,1795898077462);
INSERT INTO votes VALUES(9,8,'a','human:ann',1,NULL,0,0,0,1,NULL,1,1795898077467);
INSERT INTO votes VALUES(10,6,'a','human:ann',1,NULL,0,0,0,1,NULL,1,1795898077473);
INSERT INTO votes VALUES(11,9,'a','human:ann',1,NULL,0,0,0,1,NULL,1,1795898077478);
CREATE TABLE withdrawals (
  vote_id INTEGER PRIMARY KEY REFERENCES votes,
  voter TEXT NOT NULL, -- who took it back
  created_ms INTEGER NOT NULL
) STRICT;
INSERT INTO withdrawals VALUES(3,'human:bob',1795898043667);
INSERT INTO withdrawals VALUES(5,'human:ann',1795898077441);
INSERT INTO withdrawals VALUES(9,'human:ann',1795898077492);
CREATE TABLE ratings (
  model_id INTEGER PRIMARY KEY REFERENCES models,
  elo REAL NOT NULL,
  n_votes INTEGER NOT NULL CHECK (n_votes > 0)
) STRICT;
INSERT INTO ratings VALUES(1,1008.0,2);
INSERT INTO ratings VALUES(2,992.0,2);
INSERT INTO ratings VALUES(3,992.0,1);
INSERT INTO ratings VALUES(4,1008.0,1);
CREATE TABLE rating_history (
  vote_id INTEGER PRIMARY KEY REFERENCES votes,
  before_a REAL NOT NULL,
  after_a REAL NOT NULL,
  before_b REAL NOT NULL,
  after_b REAL NOT NULL
) STRICT;
INSERT INTO rating_history VALUES(1,1000.0,1000.0,1000.0,1000.0);
INSERT INTO rating_history VALUES(2,1000.0,992.0,1000.0,1008.0);
INSERT INTO rating_history VALUES(4,1000.0,1008.0,1000.0,992.0);
CREATE TABLE pair_counts (
  first INTEGER NOT NULL REFERENCES models,
  second INTEGER NOT NULL REFERENCES models,
  category TEXT NOT NULL,
  kind TEXT NOT NULL, -- of voter: human, or judge:NAME
  n_a INTEGER NOT NULL CHECK (n_a >= 0),
  n_b INTEGER NOT NULL CHECK (n_b >= 0),
  n_tie INTEGER NOT NULL CHECK (n_tie >= 0),
  n_bad INTEGER NOT NULL CHECK (n_bad >= 0),
  PRIMARY KEY (first, second, category, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO pair_counts VALUES(1,2,'math','human',0,0,1,0);
INSERT INTO pair_counts VALUES(2,1,'','judge:gpt',0,1,0,0);
INSERT INTO pair_counts VALUES(4,3,'','human',1,0,0,0);
CREATE TABLE pair_totals (
  first INTEGER NOT NULL REFERENCES models,
  second INTEGER NOT NULL REFERENCES models,
  n_a INTEGER NOT NULL CHECK (n_a >= 0),
  n_b INTEGER NOT NULL CHECK (n_b >= 0),
  n_tie INTEGER NOT NULL CHECK (n_tie >= 0),
  n_bad INTEGER NOT NULL CHECK (n_bad >= 0),
  PRIMARY KEY (first, second)
) STRICT, WITHOUT ROWID;
INSERT INTO pair_totals VALUES(1,2,0,0,1,0);
INSERT INTO pair_totals VALUES(2,1,0,1,0,0);
INSERT INTO pair_totals VALUES(4,3,1,0,0,0);
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','search','search',0,'CREATE VIRTUAL TABLE search USING fts5 (prompt, text,
  content = ''answers'', content_rowid = ''id'',
  tokenize = ''unicode61 remove_diacritics 2'')');
CREATE TABLE IF NOT EXISTS 'search_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO search_data VALUES(1,X'1e448110');
INSERT INTO search_data VALUES(10,X'000000000101010001010101');
INSERT INTO search_data VALUES(137438953473,X'000003e20330616d0506010103010601010305060101030106010103030601010302060101030b060101030106010103010601010302026e640506010105010601010505060101050106010105030601010502060101050b0601010501060101050106010105020272651102030102030103626164110204010204020665636175736503060101020106010102030601010201060101020506010102050601010201060101020106010102010601010202036c756501020601020601020601020601020601020602036f74681102020102020102646f0506010107010601010705060101070106010107030601010702060101070b06010107010601010701060101070101690508010102060108010102060508010102060108010102060308010102060208010102060b080101020601080101020601080101020602017301020301020301020301020301020301020301046b6e6f770506010109010601010905060101090106010109030601010902060101090b060101090106010109010601010901046e616d6507020201020201020201020201020201020202026f740506010108010601010805060101080106010108030601010802060101080b060101080106010108010601010801026f6603060101030106010103030601010301060101030506010103050601010301060101030106010103010601010302026e650d020301020301087265666c65637473010601010401060101040706010104010601010404060101040206010104060601010401060101040106010104010a73636174746572696e670306010104010601010403060101040106010104050601010405060101040106010104010601010401060101040202656101060101060106010106070601010601060101060406010106020601010606060101060106010106010601010602036b69700f020201020203017901080501010301080501010301020501020501020501020503060101030106010103040601010302060101030606010103010601010301060101030103746865010a0401010205010a040101020501020401020401020401020403080101020501080101020504080101020502080101020506080101020501080101020501080101020503036972641302020102020102020102020102020102020102020102020102020102020102020102020401730f0203010203010577686963680d02020102020301790102020102020102020102020102020102020108796f757273656c6607020301020301020301020301020301020301087a6f72626c6178390506010104010601010405060101040106010104030601010402060101040b06010104010601010401060101040431310a0b35170b313915331831310a3739310b3e4929090d151c');
CREATE TABLE IF NOT EXISTS 'search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO search_idx VALUES(1,X'',2);
CREATE TABLE IF NOT EXISTS 'search_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
INSERT INTO search_docsize VALUES(1,X'0505');
INSERT INTO search_docsize VALUES(2,X'0505');
INSERT INTO search_docsize VALUES(3,X'0503');
INSERT INTO search_docsize VALUES(4,X'0503');
INSERT INTO search_docsize VALUES(5,X'0508');
INSERT INTO search_docsize VALUES(6,X'0508');
INSERT INTO search_docsize VALUES(7,X'0203');
INSERT INTO search_docsize VALUES(8,X'0203');
INSERT INTO search_docsize VALUES(9,X'0205');
INSERT INTO search_docsize VALUES(10,X'0205');
INSERT INTO search_docsize VALUES(11,X'0208');
INSERT INTO search_docsize VALUES(12,X'0208');
INSERT INTO search_docsize VALUES(13,X'0203');
INSERT INTO search_docsize VALUES(14,X'0205');
INSERT INTO search_docsize VALUES(15,X'0208');
INSERT INTO search_docsize VALUES(16,X'0205');
INSERT INTO search_docsize VALUES(17,X'0308');
INSERT INTO search_docsize VALUES(18,X'0303');
INSERT INTO search_docsize VALUES(19,X'0103');
INSERT INTO search_docsize VALUES(20,X'0103');
INSERT INTO search_docsize VALUES(21,X'0103');
INSERT INTO search_docsize VALUES(22,X'0105');
INSERT INTO search_docsize VALUES(23,X'0105');
INSERT INTO search_docsize VALUES(24,X'0105');
INSERT INTO search_docsize VALUES(25,X'0100');
INSERT INTO search_docsize VALUES(26,X'0100');
INSERT INTO search_docsize VALUES(27,X'0100');
INSERT INTO search_docsize VALUES(28,X'0108');
INSERT INTO search_docsize VALUES(29,X'0108');
INSERT INTO search_docsize VALUES(30,X'0108');
CREATE TABLE IF NOT EXISTS 'search_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO search_config VALUES('version',4);
CREATE TABLE answer_sums (
  model_id INTEGER PRIMARY KEY REFERENCES models,
  n_first INTEGER NOT NULL, -- answers whose first token was timed
  first_ms REAL NOT NULL,
  speed_tokens REAL NOT NULL, -- after the first one
  speed_ms REAL NOT NULL,
  n_cost INTEGER NOT NULL, -- answers whose cost is known
  cost REAL NOT NULL,
  cost_tokens REAL NOT NULL -- written for it
) STRICT;
INSERT INTO answer_sums VALUES(3,6,0.0,0.0,0.0,0,0.0,0.0);
INSERT INTO answer_sums VALUES(4,6,0.0,0.0,0.0,0,0.0,0.0);
INSERT INTO answer_sums VALUES(5,6,0.0,0.0,0.0,0,0.0,0.0);
CREATE INDEX battles_by_run ON battles
  (run_id, prompt_id, model_a, model_b) WHERE run_id IS NOT NULL;
CREATE INDEX battles_not_voted ON battles
  (state, named, model_a, model_b) WHERE state <> 'voted';
CREATE INDEX battles_named ON battles (id) WHERE named <> 0;
CREATE INDEX votes_by_voter ON votes (voter);
CREATE INDEX votes_corrected ON votes (id) WHERE corrected <> 0;
CREATE INDEX votes_leaked ON votes (id) WHERE leak <> 0;
PRAGMA writable_schema=OFF;
COMMIT;
