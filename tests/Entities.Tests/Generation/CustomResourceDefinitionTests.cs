using System.Text.Json.Nodes;
using GpuStack.Entities.Generation;
using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Yaml;
using GpuStack.Kubernetes.Schemas;

namespace GpuStack.Entities.Tests.Generation;

public sealed class CustomResourceDefinitionTests
{
    private static readonly JsonObject Version = ModelDeploymentCrd.Json["spec"]!["versions"]![0]!.AsObject();

    private static readonly JsonObject Root = Version["schema"]!["openAPIV3Schema"]!.AsObject();

    [Theory]
    [InlineData(CustomResourceDefinitionGenerator.CommittedPath)]
    [InlineData("charts/gpustack-operator/files/crds/inference.gpustack.io_modeldeployments.yaml")]
    public void CommittedDefinition_IsWhatTheTypesGive(string path)
    {
        var committed = File.ReadAllText(Path.Combine(CaseFiles.RepositoryRoot(), path));

        Assert.True(CustomResourceDefinitionGenerator.GenerateYaml() == committed, $"{path} is stale. Write it anew with: {CustomResourceDefinitionGenerator.Command}");
    }

    [Fact]
    public void CommittedReference_IsWhatTheTypesGive()
    {
        Assert.True(ApiReference.GenerateMarkdown() == Committed(ApiReference.CommittedPath), $"{ApiReference.CommittedPath} is stale. Write it anew with: {ApiReference.Command}");
        Assert.True(ConditionsReference.GenerateMarkdown() == Committed(ConditionsReference.CommittedPath), $"{ConditionsReference.CommittedPath} is stale. Write it anew with: {ApiReference.Command}");

        static string Committed(string path) => File.ReadAllText(Path.Combine(CaseFiles.RepositoryRoot(), path));
    }

    [Fact]
    public void EmbeddedDefinition_IsTheCommittedOne() =>
        Assert.Equal(File.ReadAllText(Path.Combine(CaseFiles.RepositoryRoot(), CustomResourceDefinitionGenerator.CommittedPath)), ModelDeploymentCrd.Yaml);

    [Fact]
    public void Schema_IsStructuralAndItsRulesAreKnown() => Assert.NotNull(StructuralSchema.Parse(Root));

    [Fact]
    public void Names_AreThoseOfTheDesign()
    {
        var names = ModelDeploymentCrd.Json["spec"]!["names"]!;

        Assert.Equal("""{"kind":"ModelDeployment","listKind":"ModelDeploymentList","plural":"modeldeployments","singular":"modeldeployment","shortNames":["mdeploy"],"categories":["all","ai"]}""", names.ToJsonString());
        Assert.Equal("""{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas","labelSelectorPath":".status.selector"}""", Version["subresources"]!["scale"]!.ToJsonString());
    }

    [Fact]
    public void PrinterColumns_AreThoseOfTheDesign()
    {
        var columns = Version["additionalPrinterColumns"]!.AsArray();

        string[] Named(int priority) => [.. columns.Where(column => (column!["priority"]?.GetValue<long>() ?? 0) == priority).Select(column => column!["name"]!.GetValue<string>())];
        Assert.Equal(["Ready", "Reason", "Model", "Engine", "Replicas", "Leader", "GPUs", "Age"], Named(0));
        Assert.Equal(["VRAM", "Tokens/s", "Endpoint"], Named(1));
    }

    [Theory]
    [InlineData("spec.model", "huggingFace modelScope url persistentVolumeClaim image secretRef servedName mirrors profile")]
    [InlineData("spec.engine", "type image args env contextLength parallelRequests kvCacheType flashAttention tensorCache parallelism distribution rayHead sharedMemory startupTimeout resources")]
    [InlineData("spec", "model engine replicas suspend planOnly placement network cache access updateStrategy podTemplate")]
    [InlineData("spec.placement", "scope strategy leader gpuSelector nodeSelector tolerations topologyKey mixedGpus cpuOffload maxNodes memory")]
    [InlineData("spec.placement.gpuSelector", "vendors products minMemory minComputeCapability")]
    [InlineData("spec.placement.memory", "reservePerGpu utilization override")]
    [InlineData("spec.network", "interface rdma hostNetwork nccl")]
    [InlineData("spec.network.nccl", "peerToPeer fallback env")]
    [InlineData("spec.cache", "ephemeral persistentVolumeClaim hostPath retentionPolicy")]
    [InlineData("spec.access", "service apiKeySecretRef networkPolicy")]
    [InlineData("spec.updateStrategy", "type maxUnavailable maxSurge")]
    [InlineData("status", "observedGeneration replicas readyReplicas updatedReplicas selector endpoint model estimate groups rejected suggestions conditions")]
    [InlineData("status.groups[]", "index leader workers layersPerDevice predictedTokensPerSecond planHash ready restarts message")]
    [InlineData("status.rejected[]", "reason message nodes examples")]
    public void Fields_OfTheDesign_Exist(string path, string fields)
    {
        var schema = Root;
        foreach (var part in path.Split('.'))
        {
            schema = schema["properties"]![part.Replace("[]", "", StringComparison.Ordinal)]!.AsObject();
            if (part.EndsWith("[]", StringComparison.Ordinal)) schema = schema["items"]!.AsObject();
        }
        Assert.Empty(fields.Split(' ').Except(schema["properties"]!.AsObject().Select(property => property.Key)));
    }

    [Fact]
    public void EveryValue_HasATypeADescriptionAndAMaximum()
    {
        var findings = new List<string>();
        SchemaWalk.Visit(Root, "", (path, schema) =>
        {
            var isNamed = !path.EndsWith("[]", StringComparison.Ordinal) && path is not ("" or "metadata");
            var type = schema["type"]?.GetValue<string>();
            if (type is null && schema["x-kubernetes-int-or-string"] is null) findings.Add($"{path} has no type");
            if (type == "number") findings.Add($"{path} is a float");
            if (isNamed && schema["description"] is null) findings.Add($"{path} has no description");
            if (path is "apiVersion" or "kind") return;
            if (type == "string" && schema["maxLength"] is null && schema["enum"] is null && schema["format"] is null)
                findings.Add($"{path} has no maxLength");
            if (type == "array" && schema["maxItems"] is null) findings.Add($"{path} has no maxItems");
            if (type == "array" && schema["x-kubernetes-list-type"] is null) findings.Add($"{path} has no list type");
            if (schema["additionalProperties"] is not null && schema["maxProperties"] is null) findings.Add($"{path} has no maxProperties");
        });
        Assert.Empty(findings);
    }

    [Fact]
    public void EveryOptionalParentOfADefault_HasADefaultItself()
    {
        // Parents without a default are chosen by the user (a kind of source, a kind of cache): their fields are defaulted once they are given.
        string[] chosen = ["spec.model.huggingFace", "spec.model.modelScope", "spec.model.secretRef", "spec.cache.persistentVolumeClaim", "spec.access.apiKeySecretRef"];
        var findings = new List<string>();
        SchemaWalk.Visit(Root, "", (path, schema) =>
        {
            var properties = schema["properties"]?.AsObject();
            if (properties is null || path is "" or "spec" || properties.All(property => property.Value!["default"] is null)) return;
            if (schema["default"] is null && !chosen.Contains(path)) findings.Add(path);
        });
        Assert.Empty(findings);
    }

    [Fact]
    public void MapLists_RequireTheirKeys()
    {
        var findings = new List<string>();
        SchemaWalk.Visit(Root, "", (path, schema) =>
        {
            if (schema["x-kubernetes-list-type"]?.GetValue<string>() != "map") return;
            var required = schema["items"]!["required"]!.AsArray().Select(name => name!.GetValue<string>());
            if (schema["x-kubernetes-list-map-keys"]!.AsArray().Select(key => key!.GetValue<string>()).Except(required).Any())
                findings.Add(path);
        });
        Assert.Empty(findings);
    }

    [Theory]
    [InlineData("spec.cache.default", """{"ephemeral":{}}""")]
    [InlineData("spec.engine.default", "{}")]
    [InlineData("spec.properties.placement.properties.memory.properties.reservePerGpu.default", "\"1Gi\"")]
    [InlineData("spec.properties.placement.properties.memory.properties.utilization.default", "\"0.9\"")]
    [InlineData("spec.properties.access.properties.service.properties.port.default", "8000")]
    [InlineData("spec.properties.replicas", """{"description":"Groups, each a complete copy of the model. 0 frees all GPUs and keeps the cache.","type":"integer","format":"int32","default":1,"minimum":0,"maximum":1000}""")]
    public void Fragment_IsAsExpected(string path, string json)
    {
        JsonNode node = Root["properties"]!;
        foreach (var part in path.Split('.')) node = node[part] ?? node["properties"]![part]!;

        Assert.Equal(json, node.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public void Yaml_RoundTrips() => Assert.True(JsonNode.DeepEquals(
        YamlJson.Read(CustomResourceDefinitionGenerator.GenerateYaml(), "crd", YamlLimits.Manifest)[0],
        CustomResourceDefinitionGenerator.Generate(typeof(V1Alpha1.ModelDeployment))));
}
