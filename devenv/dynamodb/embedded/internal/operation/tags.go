package operation

import (
	"regexp"
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

type tag struct {
	Key   *string `json:"Key"`
	Value *string `json:"Value"`
}

type tagResourceInput struct {
	ResourceARN *string `json:"ResourceArn"`
	Tags        []tag   `json:"Tags"`
}

type untagResourceInput struct {
	ResourceARN *string  `json:"ResourceArn"`
	TagKeys     []string `json:"TagKeys"`
}

type listTagsOfResourceInput struct {
	ResourceARN *string `json:"ResourceArn"`
	NextToken   *string `json:"NextToken"`
}

type listTagsOfResourceOutput struct {
	Tags []tag `json:"Tags"`
}

func constrainTags(c *constraints, tags []tag) {
	for i, t := range tags {
		at := memberPath("tags", i)
		if c.required(at+".key", t.Key != nil) {
			c.length(at+".key", t.Key, 1, longestTagKey)
		}
		if c.required(at+".value", t.Value != nil) {
			c.length(at+".value", t.Value, 0, longestTagValue)
		}
	}
}

func checkTags(tags []tag) error {
	if len(tags) > maxTags {
		return exception.InvalidParameter("Too many tags: the limit is %d", maxTags)
	}
	return nil
}

var (
	anyARNPattern      = regexp.MustCompile(`^.+:.+:.+:.+:.+:.+/.+$`)
	taggableARNPattern = regexp.MustCompile(`^arn:aws[a-z-]*:dynamodb:.+:\d+:table/([^/]{3,})$`)
)

// taggedTable returns the name of the table that an ARN means, for operation. What is not
// even the form of an ARN is for DynamoDB a matter of what the caller may do. c has the
// violations of the other parameters, which come in between.
func taggedTable(operation string, arn *string, c *constraints) (string, error) {
	if arn == nil {
		return "", exception.Validation("Invalid TableArn")
	}
	if !anyARNPattern.MatchString(*arn) {
		resource := *arn
		if resource == "" {
			resource = "*"
		}
		return "", exception.New("AccessDeniedException", "User: arn:aws:iam::%s:root is not authorized to perform: dynamodb:%s on resource: %s",
			table.AccountID, operation, resource)
	}
	if err := c.err(); err != nil {
		return "", err
	}
	match := taggableARNPattern.FindStringSubmatch(*arn)
	if match == nil {
		return "", exception.Validation("Invalid TableArn: Invalid ResourceArn provided as input %s", *arn)
	}
	return match[1], nil
}

// tagResource adds tags to a table, or gives them other values.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html
func (s *Service) tagResource(_ *Call, in *tagResourceInput) (*struct{}, error) {
	var c constraints
	c.required("tags", in.Tags != nil)
	constrainTags(&c, in.Tags)
	name, err := taggedTable("TagResource", in.ResourceARN, &c)
	if err != nil {
		return nil, err
	}
	if len(in.Tags) == 0 {
		return nil, exception.Validation("Atleast one Tag needs to be provided as Input.")
	}
	return s.retag(name, errNoResource(*in.ResourceARN), func(tags []table.Tag) ([]table.Tag, error) {
		tags = mergeTags(tags, in.Tags)
		if len(tags) > maxTags {
			return nil, exception.InvalidParameter("Too many tags: the limit is %d", maxTags)
		}
		return tags, nil
	})
}

// untagResource removes tags; those that are not there are no error.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UntagResource.html
func (s *Service) untagResource(_ *Call, in *untagResourceInput) (*struct{}, error) {
	var c constraints
	c.required("tagKeys", in.TagKeys != nil)
	for i := range in.TagKeys {
		c.length(memberPath("tagKeys", i), &in.TagKeys[i], 1, longestTagKey)
	}
	name, err := taggedTable("UntagResource", in.ResourceARN, &c)
	if err != nil {
		return nil, err
	}
	if len(in.TagKeys) == 0 {
		return nil, exception.Validation("Atleast one Tag Key needs to be provided as Input.")
	}
	return s.retag(name, errNoIndex(), func(tags []table.Tag) ([]table.Tag, error) {
		return slices.DeleteFunc(slices.Clone(tags), func(t table.Tag) bool { return slices.Contains(in.TagKeys, t.Key) }), nil
	})
}

func errNoResource(arn string) error {
	// The missing letter is DynamoDB's.
	return exception.New(exception.ResourceNotFoundName, "Requested resource not found: ResourcArn: %s not found", arn)
}

// retag changes the tags of a table; missing is the error when there is none.
func (s *Service) retag(name string, missing error, change func([]table.Tag) ([]table.Tag, error)) (*struct{}, error) {
	err := s.db.Update(func(tx *storage.Tx) error {
		d := tx.Table(name)
		if d == nil {
			return missing
		}
		tags, err := change(d.Tags)
		if err != nil {
			return err
		}
		next := *d
		next.Tags = tags
		return tx.ReplaceTable(&next)
	})
	return &struct{}{}, err
}

// mergeTags returns the tags with more of them, of which the last with a key counts.
func mergeTags(tags []table.Tag, more []tag) []table.Tag {
	tags = slices.Clone(tags)
	for _, m := range more {
		t := table.Tag{Key: *m.Key, Value: *m.Value}
		if i := slices.IndexFunc(tags, func(known table.Tag) bool { return known.Key == t.Key }); i >= 0 {
			tags[i] = t
		} else {
			tags = append(tags, t)
		}
		if len(tags) > maxTags {
			break // there are too many already
		}
	}
	return tags
}

// listTagsOfResource lists all tags at once: there are at most 50.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html
func (s *Service) listTagsOfResource(_ *Call, in *listTagsOfResourceInput) (*listTagsOfResourceOutput, error) {
	name, err := taggedTable("ListTagsOfResource", in.ResourceARN, new(constraints))
	if err != nil {
		return nil, err
	}
	out := &listTagsOfResourceOutput{Tags: []tag{}}
	err = s.db.View(func(tx *storage.Tx) error {
		d := tx.Table(name)
		if d == nil {
			return errNoResource(*in.ResourceARN)
		}
		for _, t := range d.Tags {
			out.Tags = append(out.Tags, tag{Key: &t.Key, Value: &t.Value})
		}
		return nil
	})
	return out, err
}
