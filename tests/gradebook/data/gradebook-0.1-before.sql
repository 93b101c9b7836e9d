BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO "alembic_version" VALUES('e43177bfe90b');
CREATE TABLE assignment (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	duedate DATETIME, 
	course_id VARCHAR(128) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name), 
	FOREIGN KEY(course_id) REFERENCES course (id)
);
INSERT INTO "assignment" VALUES('82eef6d0289040deab070f49cf333c16','lista','2026-11-20 12:00:00.000000','default_course');
CREATE TABLE autograder_archive (
	student VARCHAR(128) NOT NULL, 
	assignment VARCHAR(128) NOT NULL, 
	notebook VARCHAR(128) NOT NULL, 
	cell VARCHAR(128) NOT NULL, 
	manual_score FLOAT, 
	extra_credit FLOAT, 
	manual_comment TEXT, 
	archived_at DATETIME NOT NULL, 
	PRIMARY KEY (student, assignment, notebook, cell)
);
CREATE TABLE autograder_report (
	student VARCHAR(128) NOT NULL, 
	assignment VARCHAR(128) NOT NULL, 
	notebook VARCHAR(128) NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	submitted_at DATETIME, 
	weakened BOOLEAN NOT NULL, 
	report TEXT NOT NULL, 
	answers TEXT NOT NULL, 
	PRIMARY KEY (student, assignment, notebook)
);
INSERT INTO "autograder_report" VALUES('ana','lista','ex01','2026-11-28 22:02:20.915497','2026-11-20 11:00:00.000000',0,'{"student": "ana", "assignment": "lista", "notebook": "ex01", "status": "graded", "verdicts": [{"grade_id": "test_model", "max_score": 3.0, "score": 3.0, "needs_review": false, "manual": false, "outcomes": [{"title": "Tr\u00eas camadas densas", "passed": true, "credit": 1.0, "weight": 1.0, "expected": null, "actual": null, "hint": null, "error": null, "measure": null}], "reason": null}, {"grade_id": "test_fit", "max_score": 4.0, "score": 2.0, "needs_review": false, "manual": false, "outcomes": [{"title": "O hist\u00f3rico tem 10 \u00e9pocas", "passed": true, "credit": 1.0, "weight": 1.0, "expected": null, "actual": null, "hint": null, "error": null, "measure": null}, {"title": "Acur\u00e1cia na valida\u00e7\u00e3o", "passed": false, "credit": 0.0, "weight": 1.0, "expected": "pelo menos 0,85", "actual": "0,31", "hint": "Normalizou os pixels?", "error": null, "measure": null}], "reason": null}, {"grade_id": "essay", "max_score": 2.0, "score": null, "needs_review": false, "manual": true, "outcomes": [], "reason": null}, {"grade_id": "task", "max_score": 1.0, "score": null, "needs_review": false, "manual": true, "outcomes": [], "reason": null}], "error": null, "notices": [], "curves": [{"name": "loss", "values": [0.9, 0.5, 0.4]}, {"name": "val_loss", "values": [0.8, 0.6, 0.55]}], "seconds": 2.5, "cpu_seconds": 0.0, "sandbox": {"weakened": false}, "version": 1}','{"essay": "digest 1"}');
INSERT INTO "autograder_report" VALUES('bia','lista','ex01','2026-11-28 22:02:20.928309','2026-11-20 11:00:00.000000',0,'{"student": "bia", "assignment": "lista", "notebook": "ex01", "status": "graded", "verdicts": [{"grade_id": "test_model", "max_score": 3.0, "score": 3.0, "needs_review": false, "manual": false, "outcomes": [{"title": "Tr\u00eas camadas densas", "passed": true, "credit": 1.0, "weight": 1.0, "expected": null, "actual": null, "hint": null, "error": null, "measure": null}], "reason": null}, {"grade_id": "test_fit", "max_score": 4.0, "score": 2.0, "needs_review": false, "manual": false, "outcomes": [{"title": "O hist\u00f3rico tem 10 \u00e9pocas", "passed": true, "credit": 1.0, "weight": 1.0, "expected": null, "actual": null, "hint": null, "error": null, "measure": null}, {"title": "Acur\u00e1cia na valida\u00e7\u00e3o", "passed": false, "credit": 0.0, "weight": 1.0, "expected": "pelo menos 0,85", "actual": "0,31", "hint": "Normalizou os pixels?", "error": null, "measure": null}], "reason": null}, {"grade_id": "essay", "max_score": 2.0, "score": null, "needs_review": false, "manual": true, "outcomes": [], "reason": null}, {"grade_id": "task", "max_score": 1.0, "score": null, "needs_review": false, "manual": true, "outcomes": [], "reason": null}], "error": null, "notices": [], "curves": [{"name": "loss", "values": [0.9, 0.5, 0.4]}, {"name": "val_loss", "values": [0.8, 0.6, 0.55]}], "seconds": 2.5, "cpu_seconds": 0.0, "sandbox": {"weakened": false}, "version": 1}','{"essay": "digest 1"}');
CREATE TABLE base_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	notebook_id VARCHAR(32) NOT NULL, 
	type VARCHAR(50), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id, type), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "base_cell" VALUES('a5b816ed669b446d91bf5204abd29ddf','model','058147f8f70e46c1a28767cc1e5a070c','SolutionCell');
INSERT INTO "base_cell" VALUES('472236a89d78411a9cd37ca8faed5901','test_model','058147f8f70e46c1a28767cc1e5a070c','GradeCell');
INSERT INTO "base_cell" VALUES('393c2247911a4e72873d82502a05d831','test_fit','058147f8f70e46c1a28767cc1e5a070c','GradeCell');
INSERT INTO "base_cell" VALUES('78150ef599204e3dbba0f718c3c94fd5','essay','058147f8f70e46c1a28767cc1e5a070c','GradeCell');
INSERT INTO "base_cell" VALUES('448562338b1f47e195a5007a7eb28269','essay','058147f8f70e46c1a28767cc1e5a070c','SolutionCell');
INSERT INTO "base_cell" VALUES('ef27611c0bf24f7cbf63fac9242f4cec','task','058147f8f70e46c1a28767cc1e5a070c','TaskCell');
CREATE TABLE comment (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_comment TEXT, 
	manual_comment TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES base_cell (id)
);
INSERT INTO "comment" VALUES('d443742856304ad3bb5a2a1716f363b3','59b979e425794e78942a1dddf9e24cbf','a5b816ed669b446d91bf5204abd29ddf',NULL,NULL);
INSERT INTO "comment" VALUES('f74adf51c3de4ecd923c5a3a0a786dde','59b979e425794e78942a1dddf9e24cbf','448562338b1f47e195a5007a7eb28269',NULL,'Bom argumento.');
INSERT INTO "comment" VALUES('4ec2c7f0ebaf43c0bdcd821ec86764c8','59b979e425794e78942a1dddf9e24cbf','ef27611c0bf24f7cbf63fac9242f4cec',NULL,NULL);
INSERT INTO "comment" VALUES('11958f2c67f04327ae5fa34e31124f68','8102f226543b4fb5874184cd83a4bda6','a5b816ed669b446d91bf5204abd29ddf',NULL,NULL);
INSERT INTO "comment" VALUES('23d421b8791941d6af03251adb7d4272','8102f226543b4fb5874184cd83a4bda6','448562338b1f47e195a5007a7eb28269',NULL,NULL);
INSERT INTO "comment" VALUES('81b6b4b891ed4306896aa7c668dd3295','8102f226543b4fb5874184cd83a4bda6','ef27611c0bf24f7cbf63fac9242f4cec',NULL,NULL);
CREATE TABLE course (
	id VARCHAR(128) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (id)
);
INSERT INTO "course" VALUES('default_course');
CREATE TABLE grade (
	id VARCHAR(32) NOT NULL, 
	notebook_id VARCHAR(32), 
	cell_id VARCHAR(32), 
	auto_score FLOAT, 
	manual_score FLOAT, 
	extra_credit FLOAT, 
	needs_manual_grade BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (cell_id, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES submitted_notebook (id), 
	FOREIGN KEY(cell_id) REFERENCES base_cell (id)
);
INSERT INTO "grade" VALUES('17a8f3e453e2437f86bb2cee6fd7cc42','59b979e425794e78942a1dddf9e24cbf','472236a89d78411a9cd37ca8faed5901',3.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('8a6b80d8ec9844a8bed129489ff7039c','59b979e425794e78942a1dddf9e24cbf','393c2247911a4e72873d82502a05d831',2.0,4.0,NULL,0);
INSERT INTO "grade" VALUES('74df01b4a4214c0cbfb8e26286bcf324','59b979e425794e78942a1dddf9e24cbf','78150ef599204e3dbba0f718c3c94fd5',NULL,1.5,0.25,0);
INSERT INTO "grade" VALUES('4353327c21584668ba045ef7fcb9654b','59b979e425794e78942a1dddf9e24cbf','ef27611c0bf24f7cbf63fac9242f4cec',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('406426e9a496456ab4ff80656b108114','8102f226543b4fb5874184cd83a4bda6','472236a89d78411a9cd37ca8faed5901',3.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('6320496f5dce48f7a2f1dc649c9a9550','8102f226543b4fb5874184cd83a4bda6','393c2247911a4e72873d82502a05d831',2.0,NULL,NULL,0);
INSERT INTO "grade" VALUES('bb4b7be476034d0482d3117118d65468','8102f226543b4fb5874184cd83a4bda6','78150ef599204e3dbba0f718c3c94fd5',NULL,NULL,NULL,1);
INSERT INTO "grade" VALUES('b7c39b6e2aba4fce88c94c8fccdde937','8102f226543b4fb5874184cd83a4bda6','ef27611c0bf24f7cbf63fac9242f4cec',NULL,NULL,NULL,1);
CREATE TABLE grade_cells (
	id VARCHAR(32) NOT NULL, 
	max_score FLOAT NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "grade_cells" VALUES('472236a89d78411a9cd37ca8faed5901',3.0,'code');
INSERT INTO "grade_cells" VALUES('393c2247911a4e72873d82502a05d831',4.0,'code');
INSERT INTO "grade_cells" VALUES('78150ef599204e3dbba0f718c3c94fd5',2.0,'markdown');
CREATE TABLE notebook (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	assignment_id VARCHAR(32), 
	kernelspec VARCHAR(1024), 
	PRIMARY KEY (id), 
	UNIQUE (name, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id)
);
INSERT INTO "notebook" VALUES('058147f8f70e46c1a28767cc1e5a070c','ex01','82eef6d0289040deab070f49cf333c16','{"display_name": "Python 3", "language": "python", "name": "python3"}');
CREATE TABLE solution_cells (
	id VARCHAR(32) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "solution_cells" VALUES('a5b816ed669b446d91bf5204abd29ddf');
INSERT INTO "solution_cells" VALUES('448562338b1f47e195a5007a7eb28269');
CREATE TABLE source_cell (
	id VARCHAR(32) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	locked BOOLEAN NOT NULL, 
	source TEXT, 
	checksum VARCHAR(128), 
	notebook_id VARCHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (name, notebook_id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "source_cell" VALUES('124df60aa85c498a9e3add448164c709','model','code',0,'# YOUR CODE HERE
raise NotImplementedError()','acbb2eded1cbb6186820f4d4b0972258','058147f8f70e46c1a28767cc1e5a070c');
INSERT INTO "source_cell" VALUES('4debab024ac64eafa07d4b1899e8fa20','test_model','code',1,'assert model
### BEGIN HIDDEN TESTS
canary_hidden_threshold = 0.8517
assert labels == ''rotulo_secreto_7319''
### END HIDDEN TESTS','c4e5a5fb9c56dc2178f636eeaa40fb52','058147f8f70e46c1a28767cc1e5a070c');
INSERT INTO "source_cell" VALUES('8ac2f71c010f4da0ae085c09a8e96879','test_fit','code',1,'assert model
### BEGIN HIDDEN TESTS
canary_hidden_threshold = 0.8517
assert labels == ''rotulo_secreto_7319''
### END HIDDEN TESTS','62ef2659b1e609dcbfb281291363b0fa','058147f8f70e46c1a28767cc1e5a070c');
INSERT INTO "source_cell" VALUES('fca6336be50a4c03ade6cd07115f6ea5','read_only','markdown',1,'Leia isto.','dd2a5dd28272e7de5a60a86e182637a7','058147f8f70e46c1a28767cc1e5a070c');
INSERT INTO "source_cell" VALUES('cfca14db698c4688a13d187ea38df8b5','essay','markdown',0,'YOUR ANSWER HERE','2d3527375ec696d4f03294a078131b6e','058147f8f70e46c1a28767cc1e5a070c');
INSERT INTO "source_cell" VALUES('4461c3abee474ca38b56558162be40d5','task','markdown',1,'Desenhe um gráfico.','09c15b66a3264b301624b2e365465f91','058147f8f70e46c1a28767cc1e5a070c');
CREATE TABLE student (
	id VARCHAR(128) NOT NULL, 
	first_name VARCHAR(128), 
	last_name VARCHAR(128), 
	email VARCHAR(128), 
	lms_user_id VARCHAR(128), 
	PRIMARY KEY (id)
);
INSERT INTO "student" VALUES('ana',NULL,NULL,NULL,NULL);
INSERT INTO "student" VALUES('bia',NULL,NULL,NULL,NULL);
CREATE TABLE submitted_assignment (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	student_id VARCHAR(128), 
	timestamp DATETIME, 
	extension DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (assignment_id, student_id), 
	FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	FOREIGN KEY(student_id) REFERENCES student (id)
);
INSERT INTO "submitted_assignment" VALUES('58fcc6a8baba4316a6b3f273018a16ca','82eef6d0289040deab070f49cf333c16','ana','2026-11-20 11:00:00.000000',NULL);
INSERT INTO "submitted_assignment" VALUES('f70aa5cf0e61451daec4b195aa0d0fc1','82eef6d0289040deab070f49cf333c16','bia','2026-11-20 11:00:00.000000',NULL);
CREATE TABLE submitted_notebook (
	id VARCHAR(32) NOT NULL, 
	assignment_id VARCHAR(32), 
	notebook_id VARCHAR(32), 
	flagged BOOLEAN, 
	late_submission_penalty FLOAT, 
	PRIMARY KEY (id), 
	UNIQUE (notebook_id, assignment_id), 
	FOREIGN KEY(assignment_id) REFERENCES submitted_assignment (id), 
	FOREIGN KEY(notebook_id) REFERENCES notebook (id)
);
INSERT INTO "submitted_notebook" VALUES('59b979e425794e78942a1dddf9e24cbf','58fcc6a8baba4316a6b3f273018a16ca','058147f8f70e46c1a28767cc1e5a070c',0,NULL);
INSERT INTO "submitted_notebook" VALUES('8102f226543b4fb5874184cd83a4bda6','f70aa5cf0e61451daec4b195aa0d0fc1','058147f8f70e46c1a28767cc1e5a070c',0,NULL);
CREATE TABLE task_cells (
	id VARCHAR(32) NOT NULL, 
	max_score FLOAT NOT NULL, 
	cell_type VARCHAR(8) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES base_cell (id)
);
INSERT INTO "task_cells" VALUES('ef27611c0bf24f7cbf63fac9242f4cec',1.0,'markdown');
COMMIT;
