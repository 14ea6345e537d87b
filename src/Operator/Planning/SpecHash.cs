using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Entities;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Transformers;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects.Serving;

namespace GpuStack.Operator.Planning;

/// <summary>
/// Hashes of parts of a spec. Values that equal the API's defaults are left out before hashing, so that a newer version of the operator,
/// whose API has more defaulted fields, finds the same hashes and restarts nothing. Pure; what was hashed is remembered
/// (<see cref="SpecHashMemory"/>).
/// </summary>
internal static class SpecHash
{
    private static readonly JsonObject Defaults = ToJson(new ModelDeploymentSpec());

    private static readonly string[] PodParts = ["model", "engine", "network", "cache", "podTemplate"];

    private static readonly string[] PlanningEngineParts =
        ["type", "contextLength", "parallelRequests", "kvCacheType", "flashAttention", "parallelism", "sharedMemory", "resources"];

    /// <summary>Names the model's source: location, token and explicit facts.</summary>
    public static string Source(ModelDeploymentSpec spec) => SpecHashMemory.Of(spec).Source ??= HashSource(spec);

    /// <summary>What planning depends on.</summary>
    public static string PlanningInput(ModelDeploymentSpec spec) => SpecHashMemory.Of(spec).PlanningInput ??= HashPlanningInput(spec);

    /// <summary>What the pods are made of besides the plan.</summary>
    public static string Pods(ModelDeploymentSpec spec) => SpecHashMemory.Of(spec).Pods ??= HashPods(spec);

    /// <summary>Sixteen hexadecimal digits of the SHA-256 of a text.</summary>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    /// <summary>
    /// What tells one model's file from another. Not all of its facts: a newer operator reads more of them from the same file, and must
    /// find the same hash.
    /// </summary>
    public static string Model(LlamaCppModel model) => Of(string.Create(
        CultureInfo.InvariantCulture,
        $"{model.Architecture} {model.BlockCount} {model.ParameterCount} {model.TotalWeightBytes.Value} {model.ContextLength.Value}"));

    /// <summary>What tells one folder of safetensors files from another.</summary>
    public static string Model(TransformerModel model) => Of(string.Create(
        CultureInfo.InvariantCulture,
        $"{model.Architecture} {model.Layers.Length} {model.ParameterCount} {model.WeightSize.Value} {model.ContextLength.Value}"));

    private static string HashSource(ModelDeploymentSpec spec)
    {
        var model = Part(ToJson(spec), "model");
        model.Remove("servedName");
        return Of(model);
    }

    private static string HashPlanningInput(ModelDeploymentSpec spec)
    {
        var json = ToJson(spec);
        var engine = Part(json, "engine");
        var kept = new JsonObject();
        foreach (var part in PlanningEngineParts)
        {
            if (engine[part] is { } value)
                kept[part] = value.DeepClone();
        }
        if (ModelSource.Engine(spec) != EngineType.LlamaCpp)
            AddServing(kept, spec, Part(json, "network"));
        // How the pods find each other decides which port of its node a leader takes.
        if (spec.Network.HostNetwork && ModelSource.Engine(spec) == EngineType.VLLM && GroupMembers.WantsRay(spec.Engine))
            kept["ray"] = $"{spec.Engine.RayHead}";
        return Of(new JsonObject
        {
            ["source"] = Source(spec),
            ["engine"] = kept,
            ["placement"] = Part(json, "placement"),
            ["hostNetwork"] = spec.Network.HostNetwork,
        });
    }

    /// <summary>Flags that the planner reads, the release whose rules it counts by, and the RDMA devices that go with the plan; nothing where nothing is said.</summary>
    private static void AddServing(JsonObject kept, ModelDeploymentSpec spec, JsonObject network)
    {
        var arguments = new EngineArguments(spec.Engine.Args);
        var flags = new JsonObject();
        foreach (var flag in ServingLaunches.Flags)
        {
            if (arguments.Text(flag) is { } value)
                flags[flag] = value;
        }
        if (flags.Count > 0)
            kept["flags"] = flags;
        if (ServingLaunches.Version(spec.Engine.Image) is { } release)
            kept["release"] = $"{release}";
        if (network["rdma"] is JsonObject { Count: > 0 } rdma)
            kept["rdma"] = rdma.DeepClone();
    }

    private static string HashPods(ModelDeploymentSpec spec)
    {
        var json = ToJson(spec);
        var parts = new JsonObject();
        foreach (var part in PodParts)
            parts[part] = Part(json, part);
        parts["apiKey"] = json["access"]?["apiKeySecretRef"]?.DeepClone();
        parts["tolerations"] = json["placement"]?["tolerations"]?.DeepClone();
        // Both are about the life of objects around the pods.
        (parts["cache"] as JsonObject)?.Remove("retentionPolicy");
        return Of(parts);
    }

    private static string Of(JsonObject json) => Of(Sorted(json).ToJsonString());

    private static JsonObject ToJson(ModelDeploymentSpec spec) =>
        JsonSerializer.SerializeToNode(spec, EntitiesJsonContext.Default.ModelDeploymentSpec)!.AsObject();

    private static JsonObject Part(JsonObject spec, string name)
    {
        var part = spec[name]?.DeepClone() as JsonObject ?? [];
        if (Defaults[name] is JsonObject defaults)
            RemoveDefaults(part, defaults);
        return part;
    }

    private static void RemoveDefaults(JsonObject value, JsonObject defaults)
    {
        foreach (var (name, byDefault) in defaults)
        {
            if (value[name] is JsonObject inner && byDefault is JsonObject innerDefaults)
            {
                RemoveDefaults(inner, innerDefaults);
                if (inner.Count == 0)
                    value.Remove(name);
            }
            else if (value.ContainsKey(name) && JsonNode.DeepEquals(value[name], byDefault))
            {
                value.Remove(name);
            }
        }
    }

    /// <summary>Maps have no order.</summary>
    private static JsonObject Sorted(JsonObject json)
    {
        var sorted = new JsonObject();
        foreach (var (name, value) in json.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            sorted[name] = Sorted(value);
        return sorted;
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject inner => Sorted(inner),
        JsonArray array => new JsonArray([.. array.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
