// Command provider is the Terraform provider pretendfriend/falafel: it knows what this
// repository knows (the image, the table, what the service needs) so that Terraform code
// does not have to say it again. Read internal/provider first.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/provider"
)

func main() {
	debug := flag.Bool("debug", false, "wait for a debugger, and print what Terraform needs to find this process")
	flag.Parse()
	err := providerserver.Serve(context.Background(), provider.New, providerserver.ServeOpts{
		Address: provider.Address,
		Debug:   *debug,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
