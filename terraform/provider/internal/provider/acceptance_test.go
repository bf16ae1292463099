package provider_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/provider"
)

// factories run the provider in the test's own process.
var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"falafel": providerserver.NewProtocol6WithError(provider.New()),
}

// TestMain lets the tests of resources run wherever Terraform is: they need no account.
func TestMain(m *testing.M) {
	if path, err := exec.LookPath("terraform"); err == nil {
		_ = os.Setenv("TF_ACC_TERRAFORM_PATH", path)
		_ = os.Setenv("TF_ACC", "1")
		_ = os.Setenv("CHECKPOINT_DISABLE", "1")
	}
	os.Exit(m.Run())
}

// acceptance skips the test where Terraform is missing, and fails it where
// FALAFEL_TEST_TERRAFORM=1 demands it.
func acceptance(t testing.TB) {
	t.Helper()
	_, err := exec.LookPath("terraform")
	switch {
	case err == nil:
	case os.Getenv("FALAFEL_TEST_TERRAFORM") == "1":
		t.Fatalf("FALAFEL_TEST_TERRAFORM=1 demands Terraform: %v", err)
	default:
		t.Skip("SKIPPED: Terraform is not on the PATH; FALAFEL_TEST_TERRAFORM=1 makes that a failure")
	}
}
