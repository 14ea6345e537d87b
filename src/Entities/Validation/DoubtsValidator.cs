using FluentValidation;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Validation;

/// <summary>
/// What is legal and yet often not meant. It refuses nothing: who applies such a spec reads a warning, of at most
/// <see cref="LongestWarning"/> characters with the path, for API servers cut longer ones.
/// </summary>
public sealed class DoubtsValidator : AbstractValidator<ModelDeployment>
{
    /// <summary>Characters that clients are shown of one warning.</summary>
    public const int LongestWarning = 256;

    private static readonly DoubtsValidator Instance = new();
    private static readonly TimeSpan ShortStartup = TimeSpan.FromMinutes(2);
    private static readonly Quantity HighUtilization = "0.97";
    private static readonly Quantity LowUtilization = "0.5";

    /// <summary>Creates the validator; it holds no state.</summary>
    public DoubtsValidator()
    {
        RuleFor(deployment => deployment.Spec).Custom((spec, context) =>
        {
            CheckModel(context, spec);
            CheckEngine(context, spec);
            CheckPlacement(context, spec);
            CheckNetwork(context, spec);
            CheckCache(context, spec);
            CheckPods(context, spec);
        });
    }

    /// <summary>The doubts, in the order of the fields; empty when there are none.</summary>
    public static IReadOnlyList<FieldProblem> Check(ModelDeployment deployment) =>
        [.. Instance.Validate(deployment).Errors.Select(failure => new FieldProblem($"spec.{failure.PropertyName}", failure.ErrorMessage))];

    private static void CheckModel(ValidationContext<ModelDeployment> context, ModelDeploymentSpec spec)
    {
        var model = spec.Model;
        var plain = IsPlain(model.Url?.Url) ? "url.url" : (model.Mirrors ?? []).FindIndex(IsPlain) is >= 0 and var i ? $"mirrors[{i}]" : null;
        if (plain is not null && model.SecretRef is not null)
            context.AddFailure($"model.{plain}", "the token of secretRef goes over the network unencrypted; use https");
        else if (plain == "url.url" && model.Url!.Sha256 is null)
            context.AddFailure("model.url.url", "what comes over http may be changed on its way; use https, or give the sha256");
        if (model.Image is { } image && IsUnpinned(image.Reference))
            context.AddFailure("model.image.reference", "the tag latest, or none, may mean another model tomorrow; name a version or a digest");
        if (model.Profile?.ContextLength is { } known && spec.Engine.ContextLength > known)
            context.AddFailure("engine.contextLength", $"{spec.Engine.ContextLength} is more than the {known} tokens that the profile says the model was trained for");
    }

    private static void CheckEngine(ValidationContext<ModelDeployment> context, ModelDeploymentSpec spec)
    {
        var engine = spec.Engine;
        if (engine.Image is { } image && IsUnpinned(image))
            context.AddFailure("engine.image", "the tag latest, or none, may mean another release on each node; name a release or a digest");
        if (engine.StartupTimeout.ToTimeSpan() < ShortStartup)
            context.AddFailure("engine.startupTimeout", $"{engine.StartupTimeout} is short: images are pulled and models are loaded in minutes");
    }

    private static void CheckPlacement(ValidationContext<ModelDeployment> context, ModelDeploymentSpec spec)
    {
        var memory = spec.Placement.Memory;
        var llamaCpp = spec.Engine.Type == EngineType.LlamaCpp;
        if (!llamaCpp && memory.Utilization > HighUtilization)
            context.AddFailure("placement.memory.utilization", $"{memory.Utilization.ToDecimal()} leaves next to nothing for CUDA graphs and the driver; the engine may not start");
        if (!llamaCpp && memory.Utilization < LowUtilization)
            context.AddFailure("placement.memory.utilization", $"{memory.Utilization.ToDecimal()} leaves most of each GPU unused, for a GPU is never shared");
        if (spec.Engine.Type is EngineType.Auto or EngineType.LlamaCpp && memory.ReservePerGpu == 0)
            context.AddFailure("placement.memory.reservePerGpu", "0 leaves nothing for the driver and for what the estimate misses; the engine may run out of memory");
        for (var i = 0; i < (spec.Placement.Tolerations?.Count ?? 0); i++)
        {
            if (spec.Placement.Tolerations![i] is { Operator: "Exists", Key: null or "", TolerationSeconds: null })
                context.AddFailure($"placement.tolerations[{i}]", "tolerates every taint, also that of a lost node, whose pods then stay where they are; name the taint");
        }
    }

    private static void CheckNetwork(ValidationContext<ModelDeployment> context, ModelDeploymentSpec spec)
    {
        if (spec.Network.HostNetwork)
            context.AddFailure("network.hostNetwork", "pods listen on their nodes' addresses, where NetworkPolicies do not hold, and the namespace must allow the Pod Security level privileged");
        if (spec.Access.NetworkPolicy == FeatureState.Disabled)
            context.AddFailure("access.networkPolicy", "every pod of the cluster reaches all ports of the engine, and the RPC of llama.cpp has no authentication");
        if (spec.Access is { ApiKeySecretRef: null, Service.Type: ServiceType.NodePort or ServiceType.LoadBalancer })
            context.AddFailure("access.service.type", $"a {spec.Access.Service.Type} is reached from outside the cluster, and no API key is asked for; set access.apiKeySecretRef");
    }

    private static void CheckCache(ValidationContext<ModelDeployment> context, ModelDeploymentSpec spec)
    {
        var cache = spec.Cache;
        if (cache.PersistentVolumeClaim is { Size: not null, Sharing: ClaimSharing.Shared, AccessMode: ClaimAccessMode.ReadWriteOnce })
        {
            if (spec.Replicas > 1)
                context.AddFailure("cache.persistentVolumeClaim.accessMode", $"one node at a time can mount the claim, so that all {spec.Replicas} groups must run there; choose ReadWriteMany, or sharing PerPod");
            else if (spec.Placement.Scope == PlacementScope.MultiNode)
                context.AddFailure("cache.persistentVolumeClaim.accessMode", "one node at a time can mount the claim, and scope MultiNode wants several; choose ReadWriteMany, or sharing PerPod");
        }
        if (cache is { RetentionPolicy: RetentionPolicy.Delete, PersistentVolumeClaim: null or { ClaimName: not null } })
            context.AddFailure("cache.retentionPolicy", "Delete means claims that the operator makes, and there is none here");
        if (spec.Model.Profile?.WeightSize is { } size && CacheSizes.TooSmall(cache, size) is { } small)
            context.AddFailure($"cache.{small.Path}", small.Message);
    }

    private static void CheckPods(ValidationContext<ModelDeployment> context, ModelDeploymentSpec spec)
    {
        if (spec.PodTemplate is not { } template)
            return;
        if (template.TerminationGracePeriodSeconds == 0)
            context.AddFailure("podTemplate.terminationGracePeriodSeconds", "0 cuts off the requests under way whenever a pod is stopped");
        if (template.SecurityContext is { RunAsUser: 0 } or { RunAsNonRoot: false })
            context.AddFailure("podTemplate.securityContext", "pods that may run as root are refused in namespaces with the Pod Security level restricted");
    }

    private static bool IsPlain(string? url) => url?.StartsWith("http://", StringComparison.OrdinalIgnoreCase) is true;

    /// <summary>A colon before the last slash is that of a port.</summary>
    private static bool IsUnpinned(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        return !name.Contains('@', StringComparison.Ordinal) && (!name.Contains(':', StringComparison.Ordinal) || name.EndsWith(":latest", StringComparison.Ordinal));
    }
}
