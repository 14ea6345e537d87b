using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Hosting;
using GpuStack.Modeling;
using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Safetensors;
using GpuStack.Modeling.Sources;

namespace GpuStack.Operator.Commands.Fetch;

/// <summary><c>fetch MODEL --to DIR</c>: brings a model to a folder, and prints where an engine finds it.</summary>
internal static class FetchCommand
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static Command Create()
    {
        var options = new FetchCall();
        var command = new Command(
            "fetch",
            "Brings a model to a folder: goes on where an earlier run was interrupted, verifies every file, and prints the model's path as the last line. "
            + "Tokens come from HF_TOKEN and MODELSCOPE_API_TOKEN.")
        {
            options.Model,
        };
        foreach (Option option in options.Options)
        {
            command.Add(option);
        }

        command.SetAction((call, cancellationToken) => RunAsync(call, options, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult call, FetchCall options, CancellationToken cancellationToken)
    {
        FetchRequest request = options.Request(call);
        ModelHubSettings settings = Settings(call, options, request.Location);
        TimeSpan? timeout = options.Timeout(call);
        TextWriter error = TextWriter.Synchronized(call.InvocationConfiguration.Error);
        using var client = new HttpClient(HttpByteRangeSource.CreateHandler(options.Authorities(call))) { Timeout = Timeout.InfiniteTimeSpan };
        using var deadline = new CancellationTokenSource(timeout ?? Timeout.InfiniteTimeSpan, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        await using FetchStatusServer? status = await ServeStatusAsync(options.StatusPort(call), error, cancellationToken);
        try
        {
            var fetching = new FetchOptions { Say = error.WriteLine, Report = state => status?.Report(state) };
            FetchedModel model = await new ModelFetcher(client, settings, fetching).FetchAsync(request, limit.Token);
            if (options.Link(call) is { } link)
                ModelLink.Create(link, model);
            await WriteAsync(call.InvocationConfiguration.Output, model, options.IsJson(call));
            return ExitCodes.Success;
        }
        catch (OperationCanceledException exception)
        {
            throw new WorkFailedException(
                cancellationToken.IsCancellationRequested || timeout is null
                    ? "Interrupted; what was fetched stays, and the next run goes on from there."
                    : string.Create(CultureInfo.InvariantCulture, $"--timeout: the model was not complete within {timeout.Value.TotalSeconds:0} s; what was fetched stays, run it again to go on."),
                exception);
        }
        catch (Exception exception) when (exception is ModelChoiceException or FormatException or SafetensorsFormatException)
        {
            throw new InputException(exception.Message, exception);
        }
    }

    /// <summary>Nobody's model waits because somebody else has the port.</summary>
    private static async Task<FetchStatusServer?> ServeStatusAsync(int? port, TextWriter error, CancellationToken cancellationToken)
    {
        if (port is not { } given)
        {
            return null;
        }

        try
        {
            return await FetchStatusServer.StartAsync(given, cancellationToken);
        }
        catch (HostStartException exception)
        {
            await error.WriteLineAsync($"Goes on without --status-port: {exception.Message}");
            return null;
        }
    }

    private static ModelHubSettings Settings(ParseResult call, FetchCall options, ModelLocation location)
    {
        try
        {
            return HubEnvironment.Read() with { Mirrors = options.Mirrors(call, location) };
        }
        catch (FormatException exception)
        {
            throw new InputException(exception.Message, exception);
        }
    }

    private static async Task WriteAsync(TextWriter output, FetchedModel model, bool json)
    {
        long total = model.Files.Sum(file => file.Size);
        if (json)
        {
            await output.WriteLineAsync(new JsonObject
            {
                ["path"] = model.Path,
                ["mmproj"] = model.ProjectorPath,
                ["source"] = model.Source,
                ["commit"] = model.Commit,
                ["format"] = model.Format == ModelFormat.Gguf ? "gguf" : "safetensors",
                ["files"] = new JsonArray([.. model.Files.Select(file => new JsonObject { ["path"] = file.Path, ["bytes"] = file.Size, ["sha256"] = file.Sha256 })]),
                ["totalBytes"] = total,
                ["receivedBytes"] = model.ReceivedBytes,
                ["wasThere"] = model.WasThere,
            }.ToJsonString(Json));
            return;
        }

        string what = string.Create(CultureInfo.InvariantCulture, $"{model.Files.Length} {(model.Files.Length == 1 ? "file" : "files")}, {new Bytes(total)}");
        await output.WriteLineAsync(model.WasThere
            ? $"{model.Source} is there already: {what}"
            : $"{model.Source} is complete and verified: {what}, {new Bytes(model.ReceivedBytes)} received");
        if (model.ProjectorPath is { } projector)
        {
            await output.WriteLineAsync(projector);
        }

        await output.WriteLineAsync(model.Path);
    }
}
