using System.Globalization;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Commands.Supervise;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Objects.Startup;

/// <summary>
/// The init container that brings the model to the cache before the engine starts, and where the engine then finds it. What is fetched
/// is what was planned: the very file, of the very commit, that the plan's facts were read from. Pure.
/// </summary>
internal static class ModelFetch
{
    /// <summary>The init container's name.</summary>
    public const string ContainerName = "fetch";

    /// <summary>A link to the folder that holds the model, whose own path has the commit in it.</summary>
    private const string Link = $"{SupervisorProgram.Folder}/model";

    private const int CommitLength = 40;

    /// <summary>The path that the engine is given, as a word of its command line.</summary>
    public static string Path(ModelDeployment deployment, PlannedGroup group)
    {
        if (ModelVolume.PathInSource(deployment.Spec.Model) is { } path)
            return CommandPlaceholders.Literal(path);
        return group.Serving is null ? CommandPlaceholders.Literal($"{Link}/{FileName(group)}") : Link;
    }

    /// <summary>The init container; null for models that are on a volume already.</summary>
    public static V1Container? Container(ModelDeployment deployment, PlannedGroup group, OperatorSettings settings)
    {
        var model = deployment.Spec.Model;
        if (ModelSource.IsVolume(model))
            return null;
        return new V1Container
        {
            Name = ContainerName,
            Image = settings.HelperImage,
            Args = [.. Arguments(model, group, settings)],
            Env = Environment(deployment, settings),
            Resources = new V1ResourceRequirements
            {
                Requests = new Dictionary<string, Quantity>(StringComparer.Ordinal) { ["cpu"] = Quantity.FromMilli(100), ["memory"] = "128Mi" },
                // Pages of files on their way count here and are given back under pressure.
                Limits = new Dictionary<string, Quantity>(StringComparer.Ordinal) { ["memory"] = "1Gi" },
            },
            SecurityContext = Security(deployment),
            TerminationMessagePolicy = "FallbackToLogsOnError",
            VolumeMounts = [ModelVolume.CacheMount(), SupervisorProgram.Mount(readOnly: false), .. TrustVolume.Mounts(deployment, settings)],
        };
    }

    private static IEnumerable<string> Arguments(ModelSourceSpec model, PlannedGroup group, OperatorSettings settings)
    {
        yield return "fetch";
        var gguf = group.Serving is null;
        if ((model.HuggingFace?.Repository ?? model.ModelScope?.Repository) is { } repository)
        {
            yield return $"{(model.HuggingFace is not null ? "hf" : "ms")}://{repository}";
            // In one word each: a name that begins with a dash or an @ is no option then.
            yield return $"--revision={(IsCommit(group.Revision) ? group.Revision : model.HuggingFace?.Revision ?? model.ModelScope!.Revision)}";
            if (gguf && ModelSource.FoundFile(model, group.DownloadUrl) is { } file)
            {
                yield return $"--file={file}";
            }
            yield return "--format";
            yield return gguf ? "gguf" : "safetensors";
            foreach (var mirror in ModelSource.Mirrors(model, settings))
            {
                yield return "--mirror";
                yield return mirror.AbsoluteUri;
            }
        }
        else
        {
            yield return model.Url!.Url;
            if (model.Url.Sha256 is { } digest)
            {
                yield return "--sha256";
                yield return digest;
            }
        }
        if (settings.Authorities is not null)
        {
            yield return "--ca-file";
            yield return TrustVolume.File;
        }
        yield return "--to";
        yield return ModelVolume.CachePath;
        yield return "--link";
        yield return Link;
        // The supervisor answers there once this has ended.
        yield return "--status-port";
        yield return SupervisorProgram.StatusPort.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The token from its secret, endpoints of the installation, and the user's own variables, for proxies are set there.</summary>
    private static List<V1EnvVar> Environment(ModelDeployment deployment, OperatorSettings settings)
    {
        var model = deployment.Spec.Model;
        var own = new List<V1EnvVar> { new() { Name = "HOME", Value = SupervisorProgram.Folder } };
        var defaults = new OperatorSettings();
        if (settings.HuggingFaceEndpoint != defaults.HuggingFaceEndpoint)
            own.Add(new V1EnvVar { Name = "HF_ENDPOINT", Value = settings.HuggingFaceEndpoint.AbsoluteUri });
        if (settings.ModelScopeEndpoint != defaults.ModelScopeEndpoint)
            own.Add(new V1EnvVar { Name = "MODELSCOPE_ENDPOINT", Value = settings.ModelScopeEndpoint.AbsoluteUri });
        if (model.SecretRef is { } token)
            own.Add(EngineContainer.FromSecret(model switch { { HuggingFace: not null } => "HF_TOKEN", { ModelScope: not null } => "MODELSCOPE_API_TOKEN", _ => "GPUSTACK_MODEL_TOKEN" }, token.Name, token.Key));
        return EngineContainer.Merge(own, deployment.Spec.Engine.Env ?? []);
    }

    /// <summary>A folder of the host that the kubelet makes belongs to root, who alone can write there; everything else is the pod's user's.</summary>
    private static V1SecurityContext Security(ModelDeployment deployment)
    {
        var security = PodTemplate.ContainerSecurity();
        if (deployment.Spec.Cache.HostPath is not null && deployment.Spec.PodTemplate?.SecurityContext?.RunAsUser is null)
        {
            security.RunAsUser = 0;
            security.RunAsNonRoot = false;
        }
        return security;
    }

    private static string FileName(PlannedGroup group) =>
        Uri.TryCreate(group.DownloadUrl, UriKind.Absolute, out var address) ? Uri.UnescapeDataString(address.Segments[^1]) : "model.gguf";

    private static bool IsCommit(string revision) => revision.Length == CommitLength && revision.All(char.IsAsciiHexDigit);
}
