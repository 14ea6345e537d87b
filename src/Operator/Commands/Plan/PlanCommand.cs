using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Entities.Manifests;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Operator.Controllers;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Planning.Changes;
using GpuStack.Operator.Reporting;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Commands.Plan;

/// <summary>
/// <c>plan -f FILE</c>: where a ModelDeployment would run, on the nodes of a file or of the current cluster, and why not elsewhere.
/// The same planner, on the same facts, as the operator's own. Of a cluster it also says what applying the deployment would do. What the
/// webhook would warn of goes to standard error.
/// </summary>
internal static class PlanCommand
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static Command Create()
    {
        var file = new Option<string>("--filename", "-f") { Description = "The ModelDeployment, YAML or JSON; - reads standard input", Required = true, HelpName = "FILE" };
        var nodes = new Option<string?>("--nodes")
        {
            Description = "A fleet file, or what 'kubectl get nodes,pods,pvc,pv,sc,resourceslices -A -o yaml' prints (default: the current cluster)",
            HelpName = "FILE",
        };
        var model = new Option<string?>("--model") { Description = "The model: a GGUF file, or for vLLM and SGLang a folder of safetensors files; a path, an address, hf://… or ms://… (default: the spec's source)", HelpName = "FILE_OR_URL" };
        var output = new Option<string>("--output") { Description = "What is printed: tree or json", DefaultValueFactory = _ => "tree" };
        output.CompletionSources.Add("tree", "json");
        output.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("tree" or "json") and var other }])
                result.AddError($"--output: '{other}' is none of tree, json.");
        });
        var explain = new Option<string[]>("--explain") { Description = "Says of this node why it was chosen, or was not; may be given several times", HelpName = "NODE" };
        explain.CompletionSources.Add(context => NodeNames.OfFile(context.ParseResult.GetValue(nodes)));
        var products = GpuProducts.Option();
        var command = new Command("plan", "Shows where a ModelDeployment would run, and why not elsewhere.") { file, nodes, model, products, output, explain };
        command.SetAction((call, cancellationToken) => RunAsync(
            call.InvocationConfiguration,
            new PlanCall(
                call.GetRequiredValue(file), call.GetValue(nodes), call.GetValue(model), call.GetValue(products), call.GetValue(output) == "json",
                call.GetValue(explain) ?? []),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(InvocationConfiguration console, PlanCall call, CancellationToken cancellationToken)
    {
        var (file, nodes, model, _, json, explain) = call;
        var deployment = ModelDeploymentReader.Read(await InputFile.ReadAsync(file, cancellationToken), file);
        if (SpecJudgement.Problem(deployment) is { } problem)
            throw new InputException($"{file}: {problem.Message}.");
        var settings = new OperatorSettings { Products = await GpuProducts.ReadAsync(call.Products, cancellationToken) };
        var fleet = nodes is null
            ? await PlanFleet.OfClusterAsync(CurrentCluster(), deployment, settings.Products, cancellationToken)
            : PlanFleet.OfFile(await InputFile.ReadAsync(nodes, cancellationToken), nodes, deployment, settings.Products);
        var engine = ModelSource.Engine(deployment.Spec);
        var known = model is null ? fleet.KnownModel(deployment) : null;
        var facts = known ?? await PlanModels.ReadAsync(deployment.Spec.Model, engine, file, model, cancellationToken);
        var changes = fleet.Picture is { } picture
            ? ChangePreviews.Of(picture, deployment, facts, settings, TimeProvider.System.GetUtcNow())
            : null;
        var request = PlanningInputs.Request(deployment, facts, settings);

        foreach (var line in PlanWarnings.Of(fleet, deployment, facts))
            await console.Error.WriteLineAsync($"warning: {line}");
        if (fleet.Warning is { } warning)
            await console.Error.WriteLineAsync(warning);
        request = fleet.WithVolumes(request, deployment);
        var fresh = Planner.Plan(fleet.Fleet, request, []);
        var plan = changes is null ? fresh : InForce(fresh, changes);
        NodeExplanation[] explanations = [.. explain.Distinct(StringComparer.Ordinal).Select(node => Planner.Explain(fleet.Fleet, request, plan, node))];
        if (json)
            await console.Output.WriteLineAsync(Document(plan, changes, explanations).ToJsonString(Json));
        else
            PlanTree.Write(PlanTree.Console(console.Output), deployment.Metadata.Name ?? file, plan, changes, explanations);
        return plan.Feasible ? ExitCodes.Success : ExitCodes.WorkFailed;
    }

    private static JsonObject Document(PlacementPlan plan, ChangePreview? changes, NodeExplanation[] explanations)
    {
        var document = PlanJson.Of(plan);
        if (changes is not null)
        {
            document["changes"] = ChangeReport.Json(changes);
            document["changeNotes"] = new JsonArray([.. changes.Notes.Select(note => (JsonNode)note)]);
        }
        if (explanations.Length > 0)
            document["explanations"] = ExplanationJson.Of(explanations);
        return document;
    }

    /// <summary>
    /// The plan as it will be in force: groups that run keep their places although the planner, asked anew, would choose others. Where both
    /// come to the same the planner's own answer is shown, with its reasons against the other nodes.
    /// </summary>
    private static PlacementPlan InForce(PlacementPlan fresh, ChangePreview changes) =>
        changes.Groups.All(change => change.From is null || change.To is null)
        || fresh.Groups.Select(group => group.Hash).SequenceEqual(changes.Plans.Select(group => group.Hash), StringComparer.Ordinal)
            ? fresh
            : new PlacementPlan
            {
                Feasible = changes.Refusal is null,
                Engine = fresh.Engine,
                Groups = changes.Plans,
                Rejected = changes.Refusal?.Rejected ?? [],
                Suggestions = changes.Refusal?.Suggestions ?? [],
                Message = changes.Refusal?.Message ?? "",
            };

    /// <exception cref="InputException">There is no usable kubeconfig.</exception>
    private static KubernetesClientConfiguration CurrentCluster()
    {
        try
        {
            return KubernetesClientConfiguration.Load();
        }
        catch (KubeconfigException exception)
        {
            throw new InputException($"{exception.Message} Or give the nodes with --nodes FILE.", exception);
        }
    }

    /// <summary>What the command line says.</summary>
    private sealed record PlanCall(string File, string? Nodes, string? Model, string? Products, bool Json, string[] Explain);
}
