// Package modules holds the Terraform modules, a folder each, and the tests that hold all
// of them to one form. There is no Go in it to be used.
package modules
