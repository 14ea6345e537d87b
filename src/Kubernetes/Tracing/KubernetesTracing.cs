using System.Diagnostics;

namespace GpuStack.Kubernetes.Tracing;

/// <summary>The activities of the controller runtime: one for each reconciliation.</summary>
/// <remarks>While nobody listens there are none, and nothing is allocated.</remarks>
public static class KubernetesTracing
{
    /// <summary>The name by which exporters subscribe.</summary>
    public const string Name = "GpuStack.Kubernetes";

    internal static readonly ActivitySource Source = new(Name);

    /// <summary>Marks an activity as failed; nothing when there is none.</summary>
    /// <param name="activity">Null while nobody listens.</param>
    /// <param name="error">Why.</param>
    internal static void Failed(Activity? activity, Exception error)
    {
        if (activity is null) return;
        activity.SetStatus(ActivityStatusCode.Error, Logging.Bounded.Text(error.Message));
        activity.SetTag("error.type", error.GetType().FullName);
    }
}
