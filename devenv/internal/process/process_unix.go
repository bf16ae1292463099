//go:build unix && !linux

package process

import "syscall"

// endWithParent can do nothing here: only Linux has a signal for it. A parent that is
// killed with SIGKILL leaves its database running.
func endWithParent(*syscall.SysProcAttr) {}
