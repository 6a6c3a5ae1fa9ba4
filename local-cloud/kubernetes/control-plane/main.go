// Command control-plane is the whole control plane of a Kubernetes cluster in one program: its first argument names the
// part to run. One program, since the parts share nearly all of their code: it is compiled and linked once.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // schedules may name any time zone, on a machine without their files too

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	if len(os.Args) < 2 {
		fail("no part")
	}
	part := os.Args[1]
	// each part reads its own command line
	os.Args = append([]string{part}, os.Args[2:]...)
	switch part {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		run(apiserver.NewAPIServerCommand())
	case "kube-controller-manager":
		run(controllermanager.NewControllerManagerCommand())
	case "kube-scheduler":
		run(scheduler.NewSchedulerCommand())
	case "kwok":
		kwok()
	default:
		fail(fmt.Sprintf("'%s'", part))
	}
}

func run(command *cobra.Command) {
	os.Exit(cli.Run(command))
}

func fail(got string) {
	fmt.Fprintf(os.Stderr, "the first argument names the part: etcd, kube-apiserver, kube-controller-manager, kube-scheduler or kwok; got %s\n", got)
	os.Exit(2)
}
