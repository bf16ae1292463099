package dynamodb

import (
	"syscall"
	"testing"
)

// Verify is what every file of DynamoDB Local has to pass.
var Verify = verify

// What DynamoDB Local is made of.
var (
	LocalVersion = localVersion
	POM          = string(pom)
	Sums         = sums
)

// LoseRaceFor has the next start of a Java find its port taken by somebody else. Nothing
// else may be starting a Java meanwhile.
func LoseRaceFor(t *testing.T, port int) {
	original := freePort
	t.Cleanup(func() { freePort = original })
	freePort = func() (int, error) {
		freePort = original
		return port, nil
	}
}

// KillJava kills the process of a server of kind Java.
func KillJava(s *Server) error { return syscall.Kill(s.db.(*javaDatabase).child.ID(), syscall.SIGKILL) }
