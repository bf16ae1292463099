name = "falafel-test"
