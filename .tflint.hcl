# What tflint looks at: all that its rules for the language have. It is not told about
# AWS: what values AWS takes, the provider's validation and the modules' own conditions say.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
