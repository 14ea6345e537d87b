using System.Text.Json.Nodes;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.V1Alpha1.Status;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Operator.Admission;
using GpuStack.Simulator.Storage;

namespace GpuStack.Operator.Tests.Admission;

/// <summary>
/// A case of a file in <c>cases</c>: a spec, what is there already, what is known, and the beginnings of the problems and warnings that are
/// expected, in order. What a case leaves out its file says for all.
/// </summary>
internal sealed record AdmissionCase(ModelDeployment Wanted, ModelDeployment? Present, AdmissionFacts Facts, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings)
{
    private const string SmallModel = """{"huggingFace":{"repository":"gpustack/Llama-3.2-1B-Instruct-GGUF","file":"Llama-3.2-1B-Instruct-Q8_0.gguf"}}""";

    private static readonly string Folder = Path.Combine(Inputs.Root, "tests", "Operator.Tests", "Admission", "cases");

    /// <summary>All cases by file and number.</summary>
    public static TheoryData<string, int> All()
    {
        var data = new TheoryData<string, int>();
        foreach (var file in Directory.GetFiles(Folder, "*.yaml").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal))
        {
            for (var i = 0; i < ReadFile(file)["cases"]!.AsArray().Count; i++)
                data.Add(file, i);
        }
        return data;
    }

    public static AdmissionCase Read(string name, int number)
    {
        var file = ReadFile(name);
        var one = file["cases"]![number]!.AsObject();
        Assert.All(one, part => Assert.Contains(part.Key, (string[])["spec", "present", "ready", "facts", "problems", "warnings"]));
        var present = Part("present") is JsonObject before ? Deployment(before) : null;
        if (present is not null && Part("ready").AsLong() is { } ready)
            present.Status = new ModelDeploymentStatus { ReadyReplicas = (int)ready };
        return new AdmissionCase(Deployment(one["spec"]!.AsObject()), present, FactsOf(Part("facts") as JsonObject ?? []), Texts(one["problems"]), Texts(one["warnings"]));

        JsonNode? Part(string key) => one.TryGetPropertyValue(key, out var own) ? own : file[key];
    }

    private static JsonObject ReadFile(string name) => YamlReader.Read(File.ReadAllText(Path.Combine(Folder, name)), name)!.AsObject();

    private static ModelDeployment Deployment(JsonObject spec)
    {
        var whole = spec.DeepClone().AsObject();
        whole.TryAdd("model", JsonNode.Parse(SmallModel));
        return Inputs.Deployment(new JsonObject
        {
            ["apiVersion"] = "inference.gpustack.io/v1alpha1",
            ["kind"] = "ModelDeployment",
            ["metadata"] = new JsonObject { ["name"] = "small" },
            ["spec"] = whole,
        }.ToJsonString());
    }

    private static AdmissionFacts FactsOf(JsonObject facts) => new()
    {
        ModelContext = facts["modelContext"].AsLong(),
        ModelBytes = facts["modelBytes"].AsText() is { } size ? Quantity.Parse(size).ToInt64() : null,
        CacheClaim = facts["claim"] is JsonObject claim
            ? new V1PersistentVolumeClaim
            {
                Metadata = new V1ObjectMeta { Name = "small-cache" },
                Spec = new V1PersistentVolumeClaimSpec
                {
                    AccessModes = [.. Texts(claim["accessModes"])],
                    StorageClassName = claim["storageClassName"].AsText(),
                    Resources = new V1VolumeResourceRequirements { Requests = new() { ["storage"] = Quantity.Parse(claim["storage"].AsText()!) } },
                },
            }
            : null,
    };

    private static IReadOnlyList<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => item.AsText()!)];
}
