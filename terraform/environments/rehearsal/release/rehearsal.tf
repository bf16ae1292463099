variable "url" {
  type = string
}

variable "layout" {
  type = string
}
