package operation

import (
	"hash/fnv"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// Resource policies are kept and never obeyed: there is nobody here to be refused.

type putResourcePolicyInput struct {
	ResourceARN        *string `json:"ResourceArn"`
	Policy             *string `json:"Policy"`
	ExpectedRevisionID *string `json:"ExpectedRevisionId"`
}

type resourcePolicyInput struct {
	ResourceARN        *string `json:"ResourceArn"`
	ExpectedRevisionID *string `json:"ExpectedRevisionId"`
}

type resourcePolicyOutput struct {
	Policy     string `json:"Policy,omitzero"`
	RevisionID string `json:"RevisionId,omitzero"`
}

// noPolicy is the ExpectedRevisionId of those who want to be the first.
const noPolicy = "NO_POLICY"

func checkPolicy(policy string) error {
	switch {
	case len(policy) > maxResourcePolicy:
		return exception.New(exception.LimitExceededName, "Resource policy size exceeds the limit of %d bytes", maxResourcePolicy)
	case !jsontext.Value(policy).IsValid():
		return exception.Validation("The policy is not valid JSON")
	}
	return nil
}

// revision identifies a policy by what it says. The same policy put again keeps it.
func revision(policy string) string {
	if policy == "" {
		return ""
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(policy)) // never fails
	return strconv.FormatUint(h.Sum64(), 10)
}

func checkRevision(d *table.Definition, expected *string) error {
	switch {
	case expected == nil, *expected == noPolicy && d.ResourcePolicy == "", *expected == revision(d.ResourcePolicy):
		return nil
	}
	return exception.New("PolicyNotFoundException", "The operation failed because the revision ID provided doesn't match the latest revision ID of the policy")
}

// policyTable returns the table's name of a request that was checked.
func policyTable(operation string, arn *string, c *constraints) (string, error) {
	if arn == nil {
		c.required("resourceArn", false)
		return "", c.err()
	}
	return taggedTable(operation, arn, c)
}

// changePolicy replaces a table's policy by another, or by none.
func (s *Service) changePolicy(name, policy string, arn, expected *string) error {
	return s.db.Update(func(tx *storage.Tx) error {
		d := tx.Table(name)
		if d == nil {
			return errNoResource(*arn)
		}
		if err := checkRevision(d, expected); err != nil {
			return err
		}
		next := *d
		next.ResourcePolicy = policy
		return tx.ReplaceTable(&next)
	})
}

// putResourcePolicy attaches a policy to a table.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html
func (s *Service) putResourcePolicy(_ *Call, in *putResourcePolicyInput) (*resourcePolicyOutput, error) {
	var c constraints
	c.required("policy", in.Policy != nil)
	name, err := policyTable("PutResourcePolicy", in.ResourceARN, &c)
	if err != nil {
		return nil, err
	}
	if err := checkPolicy(*in.Policy); err != nil {
		return nil, err
	}
	return &resourcePolicyOutput{RevisionID: revision(*in.Policy)}, s.changePolicy(name, *in.Policy, in.ResourceARN, in.ExpectedRevisionID)
}

// getResourcePolicy returns the policy of a table.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetResourcePolicy.html
func (s *Service) getResourcePolicy(_ *Call, in *resourcePolicyInput) (*resourcePolicyOutput, error) {
	name, err := policyTable("GetResourcePolicy", in.ResourceARN, new(constraints))
	if err != nil {
		return nil, err
	}
	out := new(resourcePolicyOutput)
	err = s.db.View(func(tx *storage.Tx) error {
		d := tx.Table(name)
		switch {
		case d == nil:
			return errNoResource(*in.ResourceARN)
		case d.ResourcePolicy == "":
			return exception.New("PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn: %s", *in.ResourceARN)
		}
		out.Policy, out.RevisionID = d.ResourcePolicy, revision(d.ResourcePolicy)
		return nil
	})
	return out, err
}

// deleteResourcePolicy removes the policy of a table, if it has one.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html
func (s *Service) deleteResourcePolicy(_ *Call, in *resourcePolicyInput) (*resourcePolicyOutput, error) {
	name, err := policyTable("DeleteResourcePolicy", in.ResourceARN, new(constraints))
	if err != nil {
		return nil, err
	}
	return new(resourcePolicyOutput), s.changePolicy(name, "", in.ResourceARN, in.ExpectedRevisionID)
}
