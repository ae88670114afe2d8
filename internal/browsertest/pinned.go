package browsertest

import (
	"os/exec"
	"runtime"
)

// starts carries commands to the one thread that starts them all.
var starts = make(chan func())

func init() {
	go func() {
		runtime.LockOSThread()
		for start := range starts {
			start()
		}
	}()
}

// StartPinned starts a command from a thread that lives as long as this process. Pdeathsig fires when the thread
// that started the child ends, not the process, and Go ends threads at will.
func StartPinned(cmd *exec.Cmd) error {
	result := make(chan error)
	starts <- func() { result <- cmd.Start() }
	return <-result
}
