using FluentValidation;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Validation;

/// <summary>Rules of <c>spec.engine</c>.</summary>
internal sealed class EngineValidator : AbstractValidator<EngineSpec>
{
    private static readonly TimeSpan ShortestStartup = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestStartup = TimeSpan.FromHours(24);

    /// <summary>Flags that the pods' ports, probes and split depend on, with the field that says the same.</summary>
    private static readonly Dictionary<string, string> ReservedFlags = new(StringComparer.Ordinal)
    {
        ["--host"] = "the Service needs the address 0.0.0.0",
        ["--port"] = "set access.service.port",
        ["--rpc"] = "the plan names the workers",
        ["--api-key"] = "name a Secret in access.apiKeySecretRef",
        ["--api-key-file"] = "name a Secret in access.apiKeySecretRef",
    };

    /// <summary>Resources that device plugins offer, by the part before the slash.</summary>
    private static readonly string[] DeviceDomains =
    [
        "nvidia.com", "amd.com", "gpu.intel.com", "huawei.com", "hygon.com", "cambricon.com", "metax-tech.com", "mthreads.com",
    ];

    public EngineValidator()
    {
        RuleFor(engine => engine).Custom((engine, context) =>
        {
            CheckArguments(context, engine);
            SharedRules.CheckEnvironment(context, "env", engine.Env);
            CheckTimes(context, engine);
            CheckResources(context, engine.Resources);
        });
    }

    private static void CheckArguments(ValidationContext<EngineSpec> context, EngineSpec engine)
    {
        for (var i = 0; i < (engine.Args?.Count ?? 0); i++)
        {
            var flag = engine.Args![i].Split('=', 2)[0];
            if (ReservedFlags.TryGetValue(flag, out var instead))
                context.AddFailure($"args[{i}]", $"{flag} is the operator's own ({instead}); remove it");
            if (engine.Args[i].Contains('\0', StringComparison.Ordinal))
                context.AddFailure($"args[{i}]", "an argument cannot hold a NUL character; remove it");
        }
    }

    private static void CheckTimes(ValidationContext<EngineSpec> context, EngineSpec engine)
    {
        var timeout = engine.StartupTimeout.ToTimeSpan();
        if (timeout < ShortestStartup || timeout > LongestStartup)
            context.AddFailure("startupTimeout", $"{engine.StartupTimeout} is out of bounds; give a duration from 10s to 24h");
        if ((long?)engine.ContextLength * engine.ParallelRequests > int.MaxValue)
            context.AddFailure("contextLength", $"{engine.ContextLength} tokens for each of {engine.ParallelRequests} requests are more than {int.MaxValue} in all; lower one of them");
    }

    private static void CheckResources(ValidationContext<EngineSpec> context, V1ResourceRequirements? resources)
    {
        if (resources is null) return;
        CheckNames(context, "resources.requests", resources.Requests);
        CheckNames(context, "resources.limits", resources.Limits);
        foreach (var (name, request) in resources.Requests ?? [])
        {
            if (resources.Limits is { } limits && limits.TryGetValue(name, out var limit) && request > limit)
                context.AddFailure($"resources.requests.{name}", $"the request {request} is above the limit {limit}; lower it");
        }
    }

    private static void CheckNames(ValidationContext<EngineSpec> context, string field, Dictionary<string, Quantity>? amounts)
    {
        foreach (var (name, amount) in amounts ?? [])
        {
            if (DeviceDomains.Contains(name.Split('/')[0], StringComparer.Ordinal))
                context.AddFailure($"{field}.{name}", "GPUs are the plan's to request; remove it and use placement.gpuSelector");
            else if (!KubernetesNames.IsQualifiedName(name))
                context.AddFailure($"{field}.{name}", $"this is no name of a resource; {KubernetesNames.QualifiedNameRemedy}");
            if (amount < 0) context.AddFailure($"{field}.{name}", $"{amount} is below 0; give a quantity such as 8Gi");
        }
    }
}
