using System.CommandLine;

namespace GpuStack.Operator.Commands.Demo;

/// <summary>
/// <c>demo</c>: a simulated cluster, the operator, and a deployment that becomes Ready: the main job on any machine, over
/// real HTTP and without Kubernetes.
/// </summary>
internal static class DemoCommand
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(120);

    public static Command Create()
    {
        var fleet = new Option<string?>("--fleet")
        {
            Description = "The fleet file: the nodes of the simulated cluster (default: six desktops with one 12 GiB card each)",
            HelpName = "FILE",
        };
        var deployment = new Option<string?>("--deployment")
        {
            Description = "One or more ModelDeployments; the demo is about the first (default: a 70B model that needs all six)",
            HelpName = "FILE",
        };
        var events = new Option<string?>("--events")
        {
            Description = "What happens meanwhile: a list of {after, do, ...}; lost and closed nodes are given up after 2 s",
            HelpName = "FILE",
        };
        var hold = new Option<bool>("--hold") { Description = "Keep the cluster up until Ctrl+C, and print a KUBECONFIG for kubectl" };
        var timeout = new Option<int>("--timeout")
        {
            Description = "Seconds until a deployment that is neither Ready nor refused counts as failed",
            DefaultValueFactory = _ => (int)DefaultTimeout.TotalSeconds,
        };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Show the operator's log on standard error" };
        var output = new Option<string>("--output") { Description = "What is printed: text or json", DefaultValueFactory = _ => "text" };
        output.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("text" or "json") and var other }])
                result.AddError($"--output: '{other}' is none of text, json.");
        });
        timeout.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var seconds) || seconds is < 1 or > 86400))
                result.AddError($"--timeout: '{text}' is no number of seconds from 1 to 86400.");
        });
        var command = new Command("demo", "Runs the operator and a deployment on a simulated cluster.") { fleet, deployment, events, hold, timeout, verbose, output };
        command.SetAction((call, cancellationToken) => RunAsync(
            call.InvocationConfiguration,
            new DemoOptions
            {
                FleetFile = call.GetValue(fleet),
                DeploymentFile = call.GetValue(deployment),
                EventsFile = call.GetValue(events),
                Hold = call.GetValue(hold),
                Json = call.GetValue(output) == "json",
                Verbose = call.GetValue(verbose),
                Timeout = TimeSpan.FromSeconds(call.GetValue(timeout)),
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(InvocationConfiguration console, DemoOptions options, CancellationToken cancellationToken)
    {
        var input = await DemoInput.ReadAsync(options, cancellationToken);
        var report = new DemoReport(console.Output, options.Json);
        report.Fleet(input);
        await using var session = await DemoSession.StartAsync(input, options, report, cancellationToken);
        var outcome = await session.RunAsync(cancellationToken);
        report.Finish(outcome);
        if (options.Hold)
            await HoldAsync(session, options.Json ? console.Error : console.Output, cancellationToken);
        return outcome.Ready ? ExitCodes.Success : ExitCodes.WorkFailed;
    }

    private static async Task HoldAsync(DemoSession session, TextWriter output, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Path.GetTempPath(), $"gpustack-demo-{Environment.ProcessId}.kubeconfig");
        await File.WriteAllTextAsync(file, session.KubeconfigYaml, cancellationToken);
        try
        {
            await output.WriteLineAsync($"export KUBECONFIG={file}");
            await output.WriteLineAsync("The cluster stays up until Ctrl+C. Try: kubectl get nodes,mdeploy,sts,pods,events -o wide");
            await output.FlushAsync(cancellationToken);
            await session.StayAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl+C is how a held demo ends.
        }
        finally
        {
            File.Delete(file);
        }
    }
}
