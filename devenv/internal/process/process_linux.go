package process

import "syscall"

// endWithParent has the kernel kill the child when its parent ends, however that happens.
// Not SIGTERM: a child that hangs would ignore it, and SQLite survives being killed.
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
