package conformance

// stored is a number as it is written and as it comes back.
func stored(written, read string) Case {
	return of(written+" is "+read, put("@hash", `{"pk":{"S":"$id"},"n":{"N":"`+written+`"}}`), has("@hash", `{"pk":{"S":"$id"}}`, `{"pk":{"S":"$id"},"n":{"N":"`+read+`"}}`))
}

func noNumber(written, message string) Case {
	return of("no number: "+written, invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"},"n":{"N":"`+written+`"}}}`, message))
}

const (
	digits38 = "12345678901234567890123456789012345678"
	zeros    = "00000000000000000000"
	overflow = "Number overflow. Attempting to store a number with magnitude larger than supported range"
	smaller  = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
	precise  = "Attempting to store more than 38 significant digits in a Number"
	numeric  = "The parameter cannot be converted to a numeric value"
)

var numberCases = []Case{
	stored("1.0", "1"), stored("007", "7"), stored("-0", "0"), stored("0.0", "0"), stored("1e3", "1000"), stored("1E-3", "0.001"), stored(".5", "0.5"), stored("5.", "5"), stored("+5", "5"), stored("100", "100"),
	stored("-1.50", "-1.5"), stored(digits38, digits38), stored("0."+digits38, "0."+digits38), stored("1e20", "1"+zeros), stored("1e-20", "0.00000000000000000001"),
	stored("1e40", "1"+zeros+zeros), stored(digits38+"00", digits38+"00"), stored("1.10e1", "11"),
	stored("9.9e125", "99"+zeros+zeros+zeros+zeros+zeros+zeros+"0000"), stored("1e-130", "0."+zeros+zeros+zeros+zeros+zeros+zeros+"0000000001"),
	noNumber("", numeric), noNumber("a", numeric+": a"), noNumber("1a", numeric+": 1a"), noNumber("NaN", numeric+": NaN"), noNumber("Infinity", numeric+": Infinity"), noNumber("0x10", numeric+": 0x10"), noNumber(" 1", numeric+":  1"), noNumber("1,5", numeric+": 1,5"), noNumber("--1", numeric+": --1"),
	noNumber("1e126", overflow), noNumber("-1e126", overflow), noNumber("1e-131", smaller), noNumber(digits38+"9", precise), noNumber("0.1"+digits38, precise), noNumber("1e999", overflow),
	of("a wrong number in a set", invalid("PutItem", `{"TableName":"@hash","Item":{"pk":{"S":"$id"},"n":{"NS":["1","x"]}}}`, numeric+": x")),
	of("a wrong number as key", invalid("GetItem", `{"TableName":"@number","Key":{"pk":{"N":"x"}}}`, numeric+": x")),
	of("a wrong number in a placeholder", invalid("DeleteItem", conditional("a = :v", `":v":{"N":"x"}`), "ExpressionAttributeValues contains invalid value: "+numeric+": x for key :v")),
	of("sums are exact", put("@hash", `{"pk":{"S":"$id"},"n":{"N":"0.1"}}`),
		update(`"UpdateExpression":"ADD n :v","ExpressionAttributeValues":{":v":{"N":"0.2"}},"ReturnValues":"UPDATED_NEW"`, `{"Attributes":{"n":{"N":"0.3"}}}`)),
	of("sums of large numbers are exact", put("@hash", `{"pk":{"S":"$id"},"n":{"N":"99999999999999999999999999999999999998"}}`),
		update(`"UpdateExpression":"SET n = n + :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"UPDATED_NEW"`, `{"Attributes":{"n":{"N":"99999999999999999999999999999999999999"}}}`)),
	of("number sets come back normalised", put("@hash", `{"pk":{"S":"$id"},"n":{"NS":["1.0","2e1"]}}`), has("@hash", `{"pk":{"S":"$id"}}`, `{"pk":{"S":"$id"},"n":{"NS":["1","20"]}}`)),
}
