package conformance

func consumed(units string) string {
	return `"ConsumedCapacity":{"TableName":"@hash","CapacityUnits":` + units + `}`
}

var capacityCases = []Case{
	of("NONE", answers("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"}},"ReturnConsumedCapacity":"NONE"}`, `{}`)),
	of("a write of 1 KB", answers("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"},"a":{"S":"{{995}}"}},"ReturnConsumedCapacity":"TOTAL"}`, `{`+consumed("1")+`}`)),
	of("a write of 1 KB and a byte", answers("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"},"a":{"S":"{{996}}"}},"ReturnConsumedCapacity":"TOTAL"}`, `{`+consumed("2")+`}`)),
	of("INDEXES of a table without any", answers("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"}},"ReturnConsumedCapacity":"INDEXES"}`, `{"ConsumedCapacity":{"TableName":"@hash","CapacityUnits":1,"Table":{"CapacityUnits":1}}}`)),
	of("a smaller item replaces a larger one", put("@hash", `{"pk":{"S":"$id"},"a":{"S":"{{3000}}"}}`), answers("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"}},"ReturnConsumedCapacity":"TOTAL"}`, `{`+consumed("3")+`}`)),
	of("a delete of 3 KB", put("@hash", `{"pk":{"S":"$id"},"a":{"S":"{{3000}}"}}`), answers("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ReturnConsumedCapacity":"TOTAL"}`, `{`+consumed("3")+`}`)),
	of("a delete of nothing", answers("DeleteItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ReturnConsumedCapacity":"TOTAL"}`, `{`+consumed("1")+`}`)),
	of("an update counts the larger size", put("@hash", `{"pk":{"S":"$id"},"a":{"S":"{{3000}}"}}`), update(`"UpdateExpression":"REMOVE a","ReturnConsumedCapacity":"TOTAL"`, `{`+consumed("3")+`}`)),
	of("reads", put("@hash", `{"pk":{"S":"$id"},"a":{"S":"{{4068}}"}}`),
		answers("GetItem", `{"TableName":"@hash","ConsistentRead":true,"Key":{"pk":{"S":"$id"}},"ProjectionExpression":"nope","ReturnConsumedCapacity":"TOTAL"}`, `{"Item":{},`+consumed("2")+`}`),
		answers("GetItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ProjectionExpression":"nope","ReturnConsumedCapacity":"TOTAL"}`, `{"Item":{},`+consumed("1")+`}`)),
	of("a read of nothing", answers("GetItem", `{"TableName":"@hash","Key":{"pk":{"S":"$id"}},"ReturnConsumedCapacity":"TOTAL"}`, `{`+consumed("0.5")+`}`),
		answers("GetItem", `{"TableName":"@hash","ConsistentRead":true,"Key":{"pk":{"S":"$id"}},"ReturnConsumedCapacity":"INDEXES"}`, `{"ConsumedCapacity":{"TableName":"@hash","CapacityUnits":1,"Table":{"CapacityUnits":1}}}`)),
	of("a query", query(`"Select":"COUNT","ReturnConsumedCapacity":"TOTAL",`+partitionA, `{"Count":5,"ScannedCount":5,"ConsumedCapacity":{"TableName":"@seed","CapacityUnits":0.5}}`)),
	of("a consistent query", query(`"Select":"COUNT","ConsistentRead":true,"ReturnConsumedCapacity":"INDEXES",`+partitionA, `{"Count":5,"ScannedCount":5,"ConsumedCapacity":{"TableName":"@seed","CapacityUnits":1,"Table":{"CapacityUnits":1}}}`)),
	of("a query that finds nothing", query(`"ReturnConsumedCapacity":"TOTAL","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"none"}}`, `{"Count":0,"ScannedCount":0,"Items":[],"ConsumedCapacity":{"TableName":"@seed","CapacityUnits":"~0(\\.[05])?"}}`)),
	of("a query of a global index", query(`"Select":"COUNT","IndexName":"gsi","ReturnConsumedCapacity":"INDEXES",`+partitionG,
		`{"Count":3,"ScannedCount":3,"ConsumedCapacity":{"TableName":"@seed","CapacityUnits":0.5,"Table":{"CapacityUnits":0},"GlobalSecondaryIndexes":{"gsi":{"CapacityUnits":0.5}}}}`)),
	of("a query of a local index", query(`"Select":"COUNT","IndexName":"lsi","ReturnConsumedCapacity":"INDEXES",`+partitionA,
		`{"Count":4,"ScannedCount":4,"ConsumedCapacity":{"TableName":"@seed","CapacityUnits":0.5,"Table":{"CapacityUnits":0},"LocalSecondaryIndexes":{"lsi":{"CapacityUnits":0.5}}}}`)),
	of("a query of a local index that fetches", query(`"IndexName":"lsi","Select":"ALL_ATTRIBUTES","ReturnConsumedCapacity":"INDEXES",`+partitionA,
		`{"Count":4,"ScannedCount":4,"Items":"*","ConsumedCapacity":{"TableName":"@seed","CapacityUnits":2.5,"Table":{"CapacityUnits":2},"LocalSecondaryIndexes":{"lsi":{"CapacityUnits":0.5}}}}`)),
	of("a scan", scan(`,"Select":"COUNT","ReturnConsumedCapacity":"TOTAL"`, `{"Count":8,"ScannedCount":8,"ConsumedCapacity":{"TableName":"@seed","CapacityUnits":0.5}}`)),
	of("a write to all indexes", answers("PutItem", `{"TableName":"@indexed","Item":{"pk":{"S":"$id"},"sk":{"N":"1"},"lsk":{"S":"x"},"gpk":{"S":"$id"},"gsk":{"N":"1"}},"ReturnConsumedCapacity":"INDEXES"}`,
		`{"ConsumedCapacity":{"TableName":"@indexed","CapacityUnits":5,"Table":{"CapacityUnits":1},"LocalSecondaryIndexes":{"lsi":{"CapacityUnits":1}},"GlobalSecondaryIndexes":{"gsi":{"CapacityUnits":1},"include":{"CapacityUnits":1},"keys":{"CapacityUnits":1}}}}`)),
	of("a write to no index", answers("PutItem", `{"TableName":"@indexed","Item":{"pk":{"S":"$id"},"sk":{"N":"1"}},"ReturnConsumedCapacity":"INDEXES"}`,
		`{"ConsumedCapacity":{"TableName":"@indexed","CapacityUnits":1,"Table":{"CapacityUnits":1}}}`)),
	of("an update of an attribute in one index only", put("@indexed", `{"pk":{"S":"$id"},"sk":{"N":"1"},"gpk":{"S":"$id"},"gsk":{"N":"1"}}`),
		answers("UpdateItem", `{"TableName":"@indexed","Key":{"pk":{"S":"$id"},"sk":{"N":"1"}},"UpdateExpression":"SET x = :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnConsumedCapacity":"INDEXES"}`,
			`{"ConsumedCapacity":{"TableName":"@indexed","CapacityUnits":2,"Table":{"CapacityUnits":1},"GlobalSecondaryIndexes":{"gsi":{"CapacityUnits":1}}}}`)),
	of("an update of an index key moves the entry", put("@indexed", `{"pk":{"S":"$id"},"sk":{"N":"1"},"lsk":{"S":"x"}}`),
		answers("UpdateItem", `{"TableName":"@indexed","Key":{"pk":{"S":"$id"},"sk":{"N":"1"}},"UpdateExpression":"SET lsk = :v","ExpressionAttributeValues":{":v":{"S":"y"}},"ReturnConsumedCapacity":"INDEXES"}`,
			`{"ConsumedCapacity":{"TableName":"@indexed","CapacityUnits":3,"Table":{"CapacityUnits":1},"LocalSecondaryIndexes":{"lsi":{"CapacityUnits":2}}}}`)),
}
