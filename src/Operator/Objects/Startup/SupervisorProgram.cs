using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Objects.Startup;

/// <summary>
/// How this program comes into an engine's container and runs the engine there (decision 0009): an init container copies it from the
/// operator's own image, which has neither shell nor <c>cp</c>, to a volume that the engine's container starts it from. Pure.
/// </summary>
internal static class SupervisorProgram
{
    /// <summary>The init container's name.</summary>
    public const string ContainerName = "supervisor";

    /// <summary>Where <c>/livez</c>, <c>/readyz</c> and <c>/status</c> are.</summary>
    public const int StatusPort = 50053;

    /// <summary>The status port's name.</summary>
    public const string StatusPortName = "status";

    /// <summary>Where the program lies, and the link to the fetched model.</summary>
    public const string Folder = "/var/lib/gpustack/bin";

    /// <summary>How long a pod that is stopped may take, in seconds, where the spec does not say.</summary>
    public const long DefaultGraceSeconds = 30;

    private const string VolumeName = "supervisor";
    private const string Path = $"{Folder}/gpustack-operator";

    /// <summary>For endpoints to forget a pod that is being stopped.</summary>
    private const long DrainSeconds = 5;

    /// <summary>For the supervisor itself to end, after the engine.</summary>
    private const long MarginSeconds = 5;

    /// <summary>The init container that copies the program.</summary>
    public static V1Container Copy(OperatorSettings settings) => new()
    {
        Name = ContainerName,
        Image = settings.HelperImage,
        Args = ["supervise", "--copy-to", Folder],
        Resources = InitResources(cpuMillis: 10, memory: "128Mi"),
        SecurityContext = PodTemplate.ContainerSecurity(),
        TerminationMessagePolicy = "FallbackToLogsOnError",
        VolumeMounts = [new V1VolumeMount { Name = VolumeName, MountPath = Folder }],
    };

    /// <summary>The volume that the program is copied to.</summary>
    public static V1Volume Volume() => new() { Name = VolumeName, EmptyDir = new V1EmptyDirVolumeSource() };

    /// <summary>A mount of that volume for a container that writes to it.</summary>
    public static V1VolumeMount Mount(bool readOnly) => new() { Name = VolumeName, MountPath = Folder, ReadOnly = readOnly ? true : null };

    /// <summary>Makes the supervisor the container's first process, and the engine its child.</summary>
    /// <param name="container">The engine's container.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="options">The supervisor's options, without those that all roles have.</param>
    /// <param name="engine">The engine's command line.</param>
    public static void Wrap(V1Container container, ModelDeployment deployment, IEnumerable<string> options, IEnumerable<string> engine)
    {
        var (drain, stop) = StopTimes(deployment);
        container.Command = [Path];
        container.Args =
        [
            "supervise", .. options,
            "--startup-timeout", Seconds((long)deployment.Spec.Engine.StartupTimeout.ToTimeSpan().TotalSeconds),
            "--drain", Seconds(drain), "--stop-timeout", Seconds(stop), "--", .. engine,
        ];
        (container.Ports ??= []).Add(new V1ContainerPort { Name = StatusPortName, ContainerPort = StatusPort, Protocol = "TCP" });
        (container.VolumeMounts ??= []).Add(Mount(readOnly: true));
        container.ReadinessProbe = Probe("/readyz", periodSeconds: 2, failures: 2);
        // The supervisor's own life: what the engine does is the supervisor's business, not the kubelet's.
        container.LivenessProbe = Probe("/livez", periodSeconds: 20, failures: 3);
    }

    /// <summary>How long one batch of a prompt is predicted to take; five of them without progress are a hang. Nothing where no speed is predicted.</summary>
    /// <param name="plan">What predicts it.</param>
    /// <param name="tokens">Of a batch.</param>
    public static ImmutableArray<string> BatchTime(GroupPlan plan, long tokens) => plan.PredictedPrefillTokensPerSecond is > 0 and var speed
        ? ["--batch-time", Seconds((long)Math.Ceiling(tokens / speed))]
        : [];

    /// <summary>The requests and limits of an init container.</summary>
    public static V1ResourceRequirements InitResources(long cpuMillis, Quantity memory) => new()
    {
        Requests = new Dictionary<string, Quantity>(StringComparer.Ordinal) { ["cpu"] = Quantity.FromMilli(cpuMillis), ["memory"] = memory },
        Limits = new Dictionary<string, Quantity>(StringComparer.Ordinal) { ["memory"] = memory },
    };

    /// <summary>How the supervisor of a pod of the same group is called: its pod's name in the group's headless Service.</summary>
    public static string Host(ModelDeployment deployment, PlannedGroup group, string pod) =>
        $"{pod}.{ObjectName.Headless(deployment.Metadata.Name ?? "", group.Index)}.{deployment.Metadata.Namespace}.svc";

    /// <summary>The pod's grace is for draining, for the engine to stop, and for the supervisor to end.</summary>
    private static (long Drain, long Stop) StopTimes(ModelDeployment deployment)
    {
        var grace = deployment.Spec.PodTemplate?.TerminationGracePeriodSeconds ?? DefaultGraceSeconds;
        var drain = Math.Min(DrainSeconds, grace / 6);
        // Of a short grace the engine still has the largest part.
        return (drain, grace - drain - Math.Min(MarginSeconds, grace / 3));
    }

    private static V1Probe Probe(string path, int periodSeconds, int failures) => new()
    {
        HttpGet = new V1HTTPGetAction { Path = path, Port = StatusPortName },
        PeriodSeconds = periodSeconds,
        TimeoutSeconds = 5,
        FailureThreshold = failures,
    };

    private static string Seconds(long seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds}s");
}
