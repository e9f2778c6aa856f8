-- Says whose file it is, to other programs (file(1)) and to us: "Coll" in ASCII. Files of format 1 have 0.
PRAGMA application_id = 1131375724;
