package operation

// itemOperations are the operations on items.
var itemOperations = map[string]handler{
	"PutItem":            handle((*Service).putItem),
	"GetItem":            handle((*Service).getItem),
	"UpdateItem":         handle((*Service).updateItem),
	"DeleteItem":         handle((*Service).deleteItem),
	"Query":              handle((*Service).query),
	"Scan":               handle((*Service).scan),
	"BatchGetItem":       handle((*Service).batchGetItem),
	"BatchWriteItem":     handle((*Service).batchWriteItem),
	"TransactGetItems":   handle((*Service).transactGetItems),
	"TransactWriteItems": handle((*Service).transactWriteItems),
}
