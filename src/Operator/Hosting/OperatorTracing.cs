using System.Diagnostics;
using GpuStack.Kubernetes.Tracing;

namespace GpuStack.Operator.Hosting;

/// <summary>The steps of a reconciliation: inspect, plan, apply of each child, delete of each pod, status.</summary>
internal static class OperatorTracing
{
    /// <summary>The name by which exporters subscribe.</summary>
    public const string Name = "GpuStack.Operator";

    private static readonly ActivitySource Source = new(Name);

    /// <summary>Begins a step; null while nobody listens.</summary>
    public static Activity? Begin(string step) => Source.StartActivity(step);

    /// <summary>Begins a step about one object; null while nobody listens.</summary>
    /// <param name="step">What is done to it, such as <c>apply</c>.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="name">Its name.</param>
    public static Activity? Begin(string step, string? kind, string? name) => Source.StartActivity(step)?.SetTag("k8s.object.kind", kind).SetTag("k8s.object.name", name);

    /// <summary>Runs a step, which an exception marks as failed.</summary>
    public static async Task RunAsync(Activity? activity, Task step)
    {
        using (activity)
        {
            try
            {
                await step;
            }
            catch (Exception exception)
            {
                KubernetesTracing.Failed(activity, exception);
                throw;
            }
        }
    }
}
