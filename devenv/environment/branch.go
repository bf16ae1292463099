package environment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// table is the name of the table in the local environment, of the main branch and of a
// checkout that is on none.
const table = "FalafelReviews"

// mainBranches have the table without a suffix: the one that other tools look for.
var mainBranches = map[string]bool{"": true, "main": true, "master": true}

// branchEvery is how often the branch is looked at: a switch may change no source.
const branchEvery = time.Second

// branch is the git branch of the checkout; "" where there is none, or no git.
func branch(ctx context.Context, root string) string {
	command := exec.CommandContext(ctx, "git", "symbolic-ref", "--quiet", "--short", "HEAD")
	command.Dir = root
	name, err := command.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(name))
}

const (
	// branchNameLength leaves a table's name readable, and far below DynamoDB's 255.
	branchNameLength = 60

	// digestLength in hexadecimal digits tells two names apart that read alike.
	digestLength = 8
)

// unfit is what a table's name cannot have.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
var unfit = regexp.MustCompile(`[^a-zA-Z0-9_.-]+`)

// tableOf is the name of the branch's table: another for each branch, so that each keeps
// its data, and the keys and indexes that its code wants.
func tableOf(branch string) string {
	if mainBranches[branch] {
		return table
	}
	name := unfit.ReplaceAllString(branch, "-")
	if len(name) > branchNameLength {
		name = name[:branchNameLength]
	}
	if name != branch {
		digest := sha256.Sum256([]byte(branch))
		name += "-" + hex.EncodeToString(digest[:])[:digestLength]
	}
	return table + "." + name
}

// A head is git's HEAD, which says what branch the checkout is on.
type head struct {
	path string // of its file; "" where there is no git

	mu       sync.Mutex
	prepared []byte // what it was when a build was last prepared; nil before the first
	asked    []byte // what has been told since
}

func newHead(ctx context.Context, root string) *head {
	command := exec.CommandContext(ctx, "git", "rev-parse", "--git-path", "HEAD")
	command.Dir = root
	output, err := command.Output()
	if err != nil {
		return &head{}
	}
	path := strings.TrimSpace(string(output))
	if !filepath.IsAbs(path) {
		path = filepath.Join(root, path)
	}
	return &head{path: path}
}

// prepare remembers what a build is prepared for. It is called before the branch is looked
// at: a switch in between is then one too many, and not one too few.
func (h *head) prepare() {
	now, _ := os.ReadFile(h.path)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.prepared, h.asked = now, nil
}

// moved reports, once, that the builds are for another branch than the checkout is on.
func (h *head) moved() bool {
	now, err := os.ReadFile(h.path)
	h.mu.Lock()
	defer h.mu.Unlock()
	// One that cannot be read is just being replaced.
	if err != nil || h.prepared == nil || bytes.Equal(now, h.prepared) || bytes.Equal(now, h.asked) {
		return false
	}
	h.asked = now
	return true
}

// follow calls changed when the branch is another than builds are prepared for, until ctx
// ends.
func (h *head) follow(ctx context.Context, changed func()) error {
	ticker := time.NewTicker(branchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if h.moved() {
			changed()
		}
	}
}
