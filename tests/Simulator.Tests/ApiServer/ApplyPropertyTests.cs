using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Simulator.ApiServer.Apply;
using GpuStack.Simulator.ApiServer.CustomResources;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Types;

namespace GpuStack.Simulator.Tests.ApiServer;

/// <summary>Laws of server-side apply, over random configurations of two managers.</summary>
public sealed class ApplyPropertyTests
{
    private const string Now = "2026-01-01T00:00:00Z";
    private static readonly FieldManager One = new("one", FieldManager.Apply, "test.gpustack.io/v1", "");
    private static readonly FieldManager Two = new("two", FieldManager.Apply, "test.gpustack.io/v1", "");

    private static readonly FieldShape Shape = CustomShape.Of((JsonObject)JsonNode.Parse(
        File.ReadAllText(Path.Combine(ApiServerFixture.CaseFolder, "00-gizmo.crd.json")))!["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!);

    [Fact]
    public void Apply_Twice_ChangesNothingTheSecondTime() => Prop.ForAll(Configs(), config =>
    {
        var state = new State();
        state.Apply(One, config);
        var (body, owners) = state.Snapshot();
        state.Apply(One, config);
        return state.Is(body, owners);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Apply_OfAFirstManager_YieldsItsConfiguration() => Prop.ForAll(Configs(), config =>
    {
        var state = new State();
        state.Apply(One, config);
        return JsonNode.DeepEquals(Sorted(state.Body["spec"]!), Sorted(config["spec"]!));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Apply_OfAnotherConfiguration_ForgetsTheFirst() => Prop.ForAll(Configs(), Configs(), (first, second) =>
    {
        var state = new State();
        state.Apply(One, first);
        state.Apply(One, second);
        return JsonNode.DeepEquals(Sorted(state.Body["spec"]!), Sorted(second["spec"]!));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Apply_BySomebodyElse_KeepsWhatTheFirstStillOwns() => Prop.ForAll(Configs(), Configs(), (first, second) =>
    {
        var state = new State();
        state.Apply(One, first);
        state.Apply(Two, second, force: true);
        var still = state.Owners.Of(One) ?? new FieldSet();
        return Covers(FieldWalk.Compare(new JsonObject(), state.Body, Shape).Added, still);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Apply_WithForce_ContainsTheForcedConfiguration() => Prop.ForAll(Configs(), Configs(), (first, second) =>
    {
        var state = new State();
        state.Apply(One, first);
        state.Apply(Two, second, force: true);
        return Covers(FieldWalk.Compare(new JsonObject(), state.Body, Shape).Added, FieldWalk.Named(second, Shape))
            && !state.Conflicts(Two, second);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Apply_WithoutForce_ConflictsExactlyWhenAForeignFieldWouldChange() => Prop.ForAll(Configs(), Configs(), (first, second) =>
    {
        var state = new State();
        state.Apply(One, first);
        var changed = FieldWalk.Compare(state.Body, Overlaid(state.Body, second), Shape).Written();
        var foreign = state.Owners.Of(One)!.Intersect(changed).Intersect(FieldWalk.Named(second, Shape));
        return state.Conflicts(Two, second) == !foreign.IsEmpty;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Apply_OfNothing_RemovesWhatTheManagerAloneOwned() => Prop.ForAll(Configs(), Configs(), (first, second) =>
    {
        var state = new State();
        state.Apply(One, first);
        state.Apply(Two, second, force: true);
        state.Apply(One, new JsonObject());
        return state.Owners.Of(One) is null && JsonNode.DeepEquals(Sorted(state.Body["spec"] ?? new JsonObject()), Sorted(second["spec"]!));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void FieldSet_ThroughItsTextForm_IsTheSame() => Prop.ForAll(Configs(), config =>
    {
        var set = FieldWalk.Compare(new JsonObject(), config, Shape).Added;
        return FieldSet.FromManagedFields(JsonNode.Parse(set.ToJson().ToJsonString())).SetEquals(set);
    }).QuickCheckThrowOnFailure();

    /// <summary>A configuration always names a color, so that its spec is never empty.</summary>
    private static Arbitrary<JsonObject> Configs()
    {
        var teeth = Gen.Elements("t1", "t2", "t3").ListOf().Select(names => names.Distinct(StringComparer.Ordinal).ToList());
        var sizes = Gen.Choose(1, 3).ListOf(3);
        var generator =
            from color in Gen.Elements("red", "green")
            from count in Gen.Choose(0, 3)
            from names in teeth
            from size in sizes
            from tags in Gen.Elements("a", "b", "c").ListOf()
            from free in Gen.Choose(0, 2)
            select Config(color, count, names, [.. size], [.. tags.Distinct(StringComparer.Ordinal)], free);
        return generator.ToArbitrary();
    }

    private static JsonObject Config(string color, int count, List<string> teeth, List<int> sizes, List<string> tags, int free)
    {
        var spec = new JsonObject { ["color"] = color };
        if (count > 0)
            spec["count"] = count;
        if (teeth.Count > 0)
        {
            spec["teeth"] = new JsonArray([.. teeth.Select((name, i) =>
                (JsonNode)(sizes[i] == 3 ? new JsonObject { ["name"] = name } : new JsonObject { ["name"] = name, ["size"] = sizes[i] }))]);
        }

        if (tags.Count > 0)
            spec["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]);
        if (free > 0)
            spec["free"] = new JsonObject { ["deep"] = new JsonObject { [$"k{free}"] = new JsonArray(free) } };
        return new JsonObject { ["spec"] = spec };
    }

    /// <summary>The objects' order of list items is free here: what counts is which items there are.</summary>
    private static JsonNode Sorted(JsonNode node) => node switch
    {
        JsonObject fields => new JsonObject(fields.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => KeyValuePair.Create(field.Key, field.Value is null ? null : (JsonNode?)Sorted(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(item => Sorted(item!)).OrderBy(item => item.ToJsonString(), StringComparer.Ordinal)]),
        _ => node.DeepClone(),
    };

    private static bool Covers(FieldSet all, FieldSet part)
    {
        var rest = part.Clone();
        rest.ExceptWith(all);
        return rest.IsEmpty;
    }

    private static JsonObject Overlaid(JsonObject body, JsonObject config)
    {
        var copy = (JsonObject)body.DeepClone();
        TypedMerge.Merge(copy, config, Shape);
        return copy;
    }

    private sealed class State
    {
        public JsonObject Body { get; private set; } = [];

        public ManagedFields Owners { get; private set; } = new();

        public void Apply(FieldManager manager, JsonObject config, bool force = false)
        {
            var live = Body.Count == 0 ? null : Body;
            var owners = ManagedFields.Read(Metadata());
            var next = FieldOwnership.Apply(live is null ? [] : (JsonObject)live.DeepClone(), config, Shape, manager, owners, Now);
            FieldOwnership.FinishApply(live, next, Shape, manager, owners, force, Now);
            Body = next;
            Owners = owners;
        }

        public bool Conflicts(FieldManager manager, JsonObject config)
        {
            var (body, owners) = Snapshot();
            try
            {
                Apply(manager, config);
                return false;
            }
            catch (ApiException conflict) when (conflict.Code == 409)
            {
                return true;
            }
            finally
            {
                Body = body;
                Owners = ManagedFields.Read(owners);
            }
        }

        public (JsonObject Body, JsonObject Owners) Snapshot() => ((JsonObject)Body.DeepClone(), Metadata());

        public bool Is(JsonObject body, JsonObject owners) => JsonNode.DeepEquals(Body, body) && JsonNode.DeepEquals(Metadata(), owners);

        private JsonObject Metadata()
        {
            var metadata = new JsonObject();
            Owners.Write(metadata);
            return metadata;
        }
    }
}
