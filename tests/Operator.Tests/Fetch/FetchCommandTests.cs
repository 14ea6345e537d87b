using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GpuStack.Operator.Commands;

namespace GpuStack.Operator.Tests.Fetch;

public sealed class FetchCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpustack-fetch").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_path_is_the_last_line_and_how_far_it_is_goes_to_standard_error()
    {
        await using var server = await FileServer.StartAsync([1, 2, 3]);

        (int code, string output, string error) = await RunAsync($"{server.Address}web/model.gguf");
        (int again, string there, string silence) = await RunAsync($"{server.Address}web/model.gguf");

        Assert.True(code == 0, error);
        string path = output.TrimEnd().Split('\n')[^1];
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Contains("is complete and verified: 1 file, 3 B, 3 B received", output, StringComparison.Ordinal);
        Assert.Contains("Fetching http", error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (again, silence));
        Assert.Contains("is there already", there, StringComparison.Ordinal);
        Assert.Equal(path, there.TrimEnd().Split('\n')[^1]);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task With_json_standard_output_is_one_object()
    {
        await using var server = await FileServer.StartAsync([1, 2, 3]);

        (int code, string output, _) = await RunAsync($"{server.Address}web/", "--file", "model.gguf", "--output", "json");

        Assert.Equal(0, code);
        JsonObject json = JsonNode.Parse(output)!.AsObject();
        Assert.Equal(
            ["path", "mmproj", "source", "commit", "format", "files", "totalBytes", "receivedBytes", "wasThere"], json.Select(field => field.Key));
        Assert.Equal("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81", (string)json["files"]![0]!["sha256"]!);
        Assert.Equal((3, 3, false), ((long)json["totalBytes"]!, (long)json["receivedBytes"]!, (bool)json["wasThere"]!));
    }

    [Fact]
    public async Task While_it_works_a_status_port_tells_how_far_it_is()
    {
        await using var server = await FileServer.StartAsync(new byte[100]);
        server.StallAfter = 50;
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();

        var run = RunAsync($"{server.Address}web/model.gguf", "--status-port", $"{port}", "--timeout", "5s");
        using var http = new HttpClient();
        JsonNode? download = null;
        while (download is null)
        {
            Assert.False(run.IsCompleted, run.IsCompleted ? (await run).Error : "");
            try
            {
                download = JsonNode.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/status"), TestContext.Current.CancellationToken))!["download"];
            }
            catch (HttpRequestException)
            {
                await Task.Yield();
            }
        }

        Assert.Equal(100, (long)download["totalBytes"]!);
        Assert.InRange((long)download["thereBytes"]!, 0, 50);
        server.StallAfter = null;
        await run;
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/status"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_status_port_that_is_taken_holds_nothing_up()
    {
        await using var server = await FileServer.StartAsync([1, 2, 3]);

        (int code, _, string error) = await RunAsync($"{server.Address}web/model.gguf", "--status-port", $"{server.Address.Port}");

        Assert.Equal(0, code);
        Assert.Contains("Goes on without --status-port", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_limit_ends_the_work_with_its_sentence()
    {
        await using var server = await FileServer.StartAsync(new byte[100]);
        server.StallAfter = 50;

        (int code, string output, string error) = await RunAsync($"{server.Address}web/model.gguf", "--timeout", "300ms");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("--timeout: the model was not complete within", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_content_is_failed_work_and_a_missing_file_a_wrong_call()
    {
        await using var server = await FileServer.StartAsync([1, 2, 3]);

        (int wrong, _, string error) = await RunAsync($"{server.Address}web/model.gguf", "--sha256", new string('0', 64));
        (int missing, _, string sentence) = await RunAsync($"{server.Address}web/other.gguf");

        Assert.Equal((1, 2), (wrong, missing));
        Assert.Contains("expected is 00000000", error, StringComparison.Ordinal);
        Assert.Contains("404", Assert.Single(sentence.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MODEL")]
    [InlineData("hf://owner", "hf://owner")]
    [InlineData("local.gguf", "could be fetched")]
    [InlineData("oci://registry/repository:tag", "could be fetched")]
    [InlineData("hf://a/b@main --revision dev", "states a revision already")]
    [InlineData("https://h/a.gguf --revision dev", "has no revisions")]
    [InlineData("hf://a/b/c.gguf --file d.gguf", "names no repository or folder as a whole")]
    [InlineData("https://h/a.gguf --file d.gguf", "names no repository or folder as a whole")]
    [InlineData("hf://a/b --file ../d.gguf", "names nothing on a hub")]
    [InlineData("hf://a/b --sha256 abc", "--sha256")]
    [InlineData("hf://a/b --mirror ftp://h", "--mirror")]
    [InlineData("hf://a/b --mirror https://user:password@h", "--mirror")]
    [InlineData("https://h/a.gguf --mirror https://h", "--mirror")]
    [InlineData("hf://a/b --parallel 0", "--parallel")]
    [InlineData("hf://a/b --parallel 1000", "--parallel")]
    [InlineData("hf://a/b --status-port 70000", "--status-port")]
    [InlineData("hf://a/b --status-port x", "--status-port")]
    [InlineData("hf://a/b --timeout soon", "--timeout")]
    [InlineData("hf://a/b --timeout -1s", "--timeout")]
    [InlineData("hf://a/b --format onnx", "--format")]
    [InlineData("https://user:password@h/a.gguf", "user name or password")]
    public async Task A_wrong_call_ends_with_2_and_one_sentence(string call, string mentions = "MODEL")
    {
        string[] arguments = call == "MODEL" ? [] : call.Split(' ');

        (int code, string output, string error) = await RunAsync(arguments);

        Assert.Equal((2, ""), (code, output));
        if (call != "MODEL")
        {
            Assert.Contains(mentions, error, StringComparison.Ordinal);
            Assert.DoesNotContain("password@", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_folder_the_call_is_wrong()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();

        Assert.Equal(2, await GpuStackProgram.RunAsync(["fetch", "hf://a/b"], "gpustack-operator", output, error));
        Assert.Contains("--to", error.ToString(), StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await GpuStackProgram.RunAsync(["fetch", .. arguments, "--to", _folder], "gpustack-operator", output, error);
        return (code, output.ToString(), error.ToString());
    }
}
