package operation

type describeLimitsOutput struct {
	AccountMaxReadCapacityUnits  int64 `json:"AccountMaxReadCapacityUnits"`
	AccountMaxWriteCapacityUnits int64 `json:"AccountMaxWriteCapacityUnits"`
	TableMaxReadCapacityUnits    int64 `json:"TableMaxReadCapacityUnits"`
	TableMaxWriteCapacityUnits   int64 `json:"TableMaxWriteCapacityUnits"`
}

// describeLimits tells the quotas of a new account, which nobody is held to here.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeLimits.html
func (s *Service) describeLimits(*Call, *struct{}) (*describeLimitsOutput, error) {
	return &describeLimitsOutput{80000, 80000, 40000, 40000}, nil
}

type describeEndpointsOutput struct {
	Endpoints []endpoint `json:"Endpoints"`
}

type endpoint struct {
	Address              string `json:"Address"`
	CachePeriodInMinutes int64  `json:"CachePeriodInMinutes"`
}

// describeEndpoints names the host that was asked: an SDK that looks for endpoints must
// not leave for AWS.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeEndpoints.html
func (s *Service) describeEndpoints(call *Call, _ *struct{}) (*describeEndpointsOutput, error) {
	return &describeEndpointsOutput{[]endpoint{{call.Host, 1440}}}, nil
}
