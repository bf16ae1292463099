package conformance

func execute(statement, parameters, want string) Step {
	if parameters != "" {
		parameters = `,"Parameters":[` + parameters + `]`
	}
	return answers("ExecuteStatement", `{"Statement":"`+statement+`"`+parameters+`}`, want)
}

const (
	table = `\"@hash\"`
	itsID = `{"S":"$id"}`
)

var partiqlCases = []Case{
	of("INSERT and SELECT", execute("INSERT INTO "+table+" VALUE {'pk':'$id','n':1,'m':{'k':[1,'x',true,null]},'s':<<'a'>>}", "", `{"Items":[]}`),
		execute("SELECT * FROM "+table+" WHERE pk = '$id'", "", `{"Items":[{"pk":{"S":"$id"},"n":{"N":"1"},"m":{"M":{"k":{"L":[{"N":"1"},{"S":"x"},{"BOOL":true},{"NULL":true}]}}},"s":{"SS":["a"]}}]}`),
		execute("SELECT n, m.k[1] FROM "+table+" WHERE pk = ?", itsID, `{"Items":[{"n":{"N":"1"},"k[1]":{"S":"x"}}]}`)),
	of("INSERT with parameters", execute("INSERT INTO "+table+" VALUE {'pk':?,'a':?}", itsID+`,{"L":[]}`, `{"Items":[]}`), has("@hash", `{"pk":`+itsID+`}`, `{"pk":`+itsID+`,"a":{"L":[]}}`)),
	of("INSERT of what is there", put("@hash", `{"pk":`+itsID+`}`), fails("ExecuteStatement", `{"Statement":"INSERT INTO `+table+` VALUE {'pk':'$id'}"}`, "DuplicateItemException: Duplicate primary key exists in table")),
	of("UPDATE", put("@hash", `{"pk":`+itsID+`,"n":{"N":"1"},"x":{"N":"1"}}`), execute("UPDATE "+table+" SET n = n + 1 SET y = 'z' REMOVE x WHERE pk = '$id'", "", `{"Items":[]}`),
		has("@hash", `{"pk":`+itsID+`}`, `{"pk":`+itsID+`,"n":{"N":"2"},"y":{"S":"z"}}`)),
	of("UPDATE with RETURNING", put("@hash", `{"pk":`+itsID+`,"n":{"N":"1"}}`), execute("UPDATE "+table+" SET n = 2 WHERE pk = '$id' RETURNING ALL NEW *", "", `{"Items":[{"pk":`+itsID+`,"n":{"N":"2"}}]}`),
		execute("UPDATE "+table+" SET n = 3 WHERE pk = '$id' RETURNING MODIFIED OLD *", "", `{"Items":[{"n":{"N":"2"}}]}`)),
	of("UPDATE of what is missing", fails("ExecuteStatement", `{"Statement":"UPDATE `+table+` SET n = 1 WHERE pk = '$id'"}`, "ConditionalCheckFailedException: The conditional request failed")),
	of("UPDATE with a condition", put("@hash", `{"pk":`+itsID+`,"n":{"N":"1"}}`), fails("ExecuteStatement", `{"Statement":"UPDATE `+table+` SET n = 1 WHERE pk = '$id' AND n = 2"}`, "ConditionalCheckFailedException: The conditional request failed")),
	of("DELETE", put("@hash", `{"pk":`+itsID+`}`), execute("DELETE FROM "+table+" WHERE pk = '$id'", "", `{"Items":[]}`), gone(`{"pk":`+itsID+`}`)),
	of("DELETE with RETURNING", put("@hash", `{"pk":`+itsID+`,"n":{"N":"1"}}`), execute("DELETE FROM "+table+" WHERE pk = '$id' RETURNING ALL OLD *", "", `{"Items":[{"pk":`+itsID+`,"n":{"N":"1"}}]}`)),
	of("SELECT of a range in order", execute(`SELECT sk FROM \"@seed\" WHERE pk = 'a' AND sk > 2 ORDER BY sk DESC`, "", `{"Items":[{"sk":{"N":"5"}},{"sk":{"N":"4"}},{"sk":{"N":"3"}}]}`)),
	of("SELECT by an index", execute(`SELECT sk FROM \"@seed\".\"gsi\" WHERE gpk = 'g'`, "", `{"Items":[{"sk":{"N":"3"}},{"sk":{"N":"5"}},{"sk":{"N":"1"}}]}`)),
	of("SELECT by pages", answers("ExecuteStatement", `{"Statement":"SELECT sk FROM \"@seed\" WHERE pk = 'a'","Limit":2}`, `{"Items":[{"sk":{"N":"1"}},{"sk":{"N":"2"}}],"NextToken":"=token","...":true}`),
		answers("ExecuteStatement", `{"Statement":"SELECT sk FROM \"@seed\" WHERE pk = 'a'","Limit":9,"NextToken":"$token"}`, `{"Items":[{"sk":{"N":"3"}},{"sk":{"N":"4"}},{"sk":{"N":"5"}}]}`)),
	of("SELECT from a missing table", fails("ExecuteStatement", `{"Statement":"SELECT * FROM \"@missing\""}`, "ResourceNotFoundException: Requested resource not found")),
	of("a syntax error", invalid("ExecuteStatement", `{"Statement":"SELEC * FROM x"}`, "~Statement wasn't well formed, can't be processed: .*")),
	of("UPDATE without key", invalid("ExecuteStatement", `{"Statement":"UPDATE `+table+` SET n = 1 WHERE n = 2"}`, "Where clause does not contain a mandatory equality on all key attributes")),
	of("DELETE without key", invalid("ExecuteStatement", `{"Statement":"DELETE FROM `+table+` WHERE n = 2"}`, "Where clause does not contain a mandatory equality on all key attributes")),
	of("too few parameters", invalid("ExecuteStatement", `{"Statement":"SELECT * FROM `+table+` WHERE pk = ?"}`, "Number of parameters in request and statement don't match.")),
	of("no statement", invalid("ExecuteStatement", `{}`, "1 validation error detected: Value null at 'statement' failed to satisfy constraint: Member must not be null")),
	of("a batch of writes", answers("BatchExecuteStatement", `{"Statements":[{"Statement":"INSERT INTO `+table+` VALUE {'pk':'$id'}"},{"Statement":"INSERT INTO `+table+` VALUE {'pk':?}","Parameters":[{"S":"$id-2"}]}]}`,
		`{"Responses":[{"TableName":"@hash"},{"TableName":"@hash"}]}`),
		answers("BatchExecuteStatement", `{"Statements":[{"Statement":"SELECT * FROM `+table+` WHERE pk = '$id'"},{"Statement":"SELECT * FROM `+table+` WHERE pk = '$id-none'"}]}`, `{"Responses":[{"TableName":"@hash","Item":{"pk":`+itsID+`}},{"TableName":"@hash"}]}`),
		answers("BatchExecuteStatement", `{"Statements":[{"Statement":"INSERT INTO `+table+` VALUE {'pk':'$id'}"},{"Statement":"INSERT INTO `+table+` VALUE {'pk':'$id-3'}"}]}`,
			`{"Responses":[{"Error":{"Code":"DuplicateItem","Message":"Duplicate primary key exists in table"},"TableName":"@hash"},{"TableName":"@hash"}]}`)),
	of("a transaction", answers("ExecuteTransaction", `{"TransactStatements":[{"Statement":"INSERT INTO `+table+` VALUE {'pk':'$id'}"},{"Statement":"INSERT INTO `+table+` VALUE {'pk':'$id-2'}"}]}`, `{"...":true}`),
		answers("ExecuteTransaction", `{"TransactStatements":[{"Statement":"SELECT * FROM `+table+` WHERE pk = '$id'"}]}`, `{"Responses":[{"Item":{"pk":`+itsID+`}}]}`),
		fails("ExecuteTransaction", `{"TransactStatements":[{"Statement":"INSERT INTO `+table+` VALUE {'pk':'$id-3'}"},{"Statement":"INSERT INTO `+table+` VALUE {'pk':'$id'}"}]}`, "TransactionCanceledException: ~.*specific reasons .None, (DuplicateItem|ConditionalCheckFailed).").
			with(`{"__type":"*","...":true,"CancellationReasons":[{"Code":"None"},{"Code":"~DuplicateItem|ConditionalCheckFailed","Message":"*"}]}`), gone(`{"pk":{"S":"$id-3"}}`)),
	of("consumed capacity", answers("ExecuteStatement", `{"ReturnConsumedCapacity":"TOTAL","Statement":"INSERT INTO `+table+` VALUE {'pk':'$id'}"}`, `{"Items":[],`+consumed("1")+`}`)),
}
