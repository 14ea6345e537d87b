using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Modeling.Gguf;
using GpuStack.Operator.Commands;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NSubstitute;

namespace GpuStack.Operator.Tests.Estimate;

/// <summary>A model in three files, named by its first one: on disk, at an address, and on a hub that the operator inspects.</summary>
public sealed class SplitModelTests : IDisposable
{
    private const string First = "tiny-00001-of-00003.gguf";
    private readonly string _directory = Directory.CreateTempSubdirectory("split-model-").FullName;

    public SplitModelTests()
    {
        for (int part = 0; part < 3; part++)
        {
            var writer = new GgufWriter();
            if (part == 0)
            {
                AddMetadata(writer);
            }

            writer.Add("split.no", (ushort)part);
            writer.Add("split.count", (ushort)3);
            writer.Add("split.tensors.count", 3);
            (string name, int rows) = part switch { 0 => ("token_embd.weight", 1000), 1 => ("blk.0.attn_q.weight", 256), _ => ("blk.1.attn_q.weight", 256) };
            writer.AddTensor(name, GgmlType.F16, 256, rows);
            File.WriteAllBytes(Path.Combine(_directory, new GgufSplitName("tiny", part, 3).ToString()), writer.ToHeader());
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Estimate_counts_the_files_beside_the_first_one()
    {
        (int code, string output, string error) = await EstimateAsync(Path.Combine(_directory, First));

        Assert.Equal((0, ""), (code, error));
        AssertWhole(output);
    }

    [Fact]
    public async Task Estimate_counts_the_files_beside_an_address()
    {
        await using WebApplication server = await ServeAsync(new());

        (int code, string output, string error) = await EstimateAsync($"{server.Urls.First()}/owner/repo/resolve/main/{First}?download=true");

        Assert.Equal(0, code);
        Assert.StartsWith("Reading http://", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        AssertWhole(output);
    }

    [Fact]
    public async Task Estimate_names_the_file_that_is_missing_or_to_be_named()
    {
        Assert.Contains("name the first one, tiny-00001-of-00003.gguf", (await EstimateAsync(Path.Combine(_directory, "tiny-00002-of-00003.gguf"))).Error, StringComparison.Ordinal);
        File.Delete(Path.Combine(_directory, "tiny-00003-of-00003.gguf"));

        (int code, _, string error) = await EstimateAsync(Path.Combine(_directory, First));

        Assert.Equal(2, code);
        Assert.Contains("tiny-00003-of-00003.gguf: there is no such file", error, StringComparison.Ordinal);
        Assert.Contains("part 3 of 3 of the model", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operator_inspects_all_files_of_a_hub()
    {
        var requests = new ConcurrentQueue<string>();
        await using WebApplication server = await ServeAsync(requests);
        ModelDeployment deployment = Inputs.Small(file: $"owner/repo/{First}");
        using var inspector = new ModelInspector(
            Substitute.For<IKubernetesClient>(), new OperatorSettings { HuggingFaceEndpoint = new Uri(server.Urls.First()) }, TimeProvider.System);

        InspectedModel inspected = await inspector.InspectAsync(deployment, TestContext.Current.CancellationToken);

        Assert.Equal(1512L * 256 * 2, inspected.Gguf!.TotalWeightBytes.Value);
        Assert.Equal("0123456789", inspected.Revision);
        Assert.EndsWith(First, inspected.DownloadUrl, StringComparison.Ordinal);

        // The first file's answer names the commit; the others are read at it.
        Assert.Equal(
            ((string[])["0123456789", "0123456789", "main"]).Select((revision, i) => $"/owner/repo/resolve/{revision}/{new GgufSplitName("tiny", (i + 1) % 3, 3)}"),
            requests.Order(StringComparer.Ordinal));
    }

    private static void AddMetadata(GgufWriter writer)
    {
        writer.Add("general.architecture", "llama");
        writer.Add("llama.block_count", 2u);
        writer.Add("llama.context_length", 512u);
        writer.Add("llama.embedding_length", 256u);
        writer.Add("llama.feed_forward_length", 512u);
        writer.Add("llama.attention.head_count", 4u);
    }

    private static void AssertWhole(string json)
    {
        JsonObject estimate = JsonNode.Parse(json)!.AsObject();
        Assert.Equal(1512L * 256, (long)estimate["parameters"]!);

        // The embeddings are tied: they are the output layer's weights too.
        Assert.Equal(2512L * 256 * 2, (long)estimate["weightBytes"]!);
    }

    private async Task<WebApplication> ServeAsync(ConcurrentQueue<string> requests)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication application = builder.Build();
        application.Run(context =>
        {
            requests.Enqueue(context.Request.Path);
            context.Response.Headers["X-Repo-Commit"] = "0123456789";
            string file = Path.Combine(_directory, Path.GetFileName(context.Request.Path.Value!));
            return Results.File(file, "application/octet-stream", enableRangeProcessing: true).ExecuteAsync(context);
        });
        await application.StartAsync(TestContext.Current.CancellationToken);
        return application;
    }

    private static async Task<(int Code, string Output, string Error)> EstimateAsync(string model)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await GpuStackProgram.RunAsync(["estimate", model, "--output", "json"], "gpustack-operator", output, error);
        return (code, output.ToString(), error.ToString());
    }
}
