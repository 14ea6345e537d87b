namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>Lets faults befall a scene and looks at it meanwhile and afterwards; what is wrong is an exception.</summary>
internal sealed class FaultRun(RecoveryScene scene, FaultDeployment[] wanted, string[] nodes, RestartCount restarts)
{
    /// <summary>For so long what ails an engine may be hidden: one that froze answers as before, until its supervisor has had enough.</summary>
    private static readonly TimeSpan Hidden = TimeSpan.FromMinutes(5);

    private readonly FaultInjector _injector = new(scene, wanted, nodes);
    private readonly ClusterPictureReader _reader = new(scene.Cluster, wanted);
    private readonly Dictionary<string, Restarts> _explained = new(StringComparer.Ordinal);
    private readonly Census _census = new(scene);
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly List<Fault> _lasting = [];

    /// <summary>What the last round restarted.</summary>
    public Restarts Counted { get; private set; }

    /// <summary>Lets a round's faults happen; at its beginning, what lasts of the round before is healed.</summary>
    /// <exception cref="InvalidOperationException">Something was wrong in between.</exception>
    public async Task StormAsync(IReadOnlyList<Fault> faults)
    {
        _explained.Clear();
        _waiting.Clear();
        foreach (var deployment in wanted)
            _explained[deployment.Name] = default;
        foreach (var fault in _lasting)
        {
            Explain(fault, Look());
            await _injector.HealAsync(fault);
        }
        _lasting.Clear();
        _lasting.AddRange(faults.Where(fault => fault.Heals is null));
        var start = scene.Clock.GetUtcNow();
        var moments = faults.Select(fault => (At: fault.At, Fault: fault, Heals: false))
            .Concat(faults.Where(fault => fault.Heals is not null).Select(fault => (At: fault.Heals!.Value, Fault: fault, Heals: true)));
        foreach (var moment in moments.GroupBy(moment => moment.At).OrderBy(moment => moment.Key))
        {
            await scene.AdvanceAsync(start + moment.Key - scene.Clock.GetUtcNow());
            var picture = Look();
            Require(Invariants.Always(picture), $"{moment.Key} after the storm began");
            foreach (var (_, fault, heals) in moment)
            {
                if (heals)
                {
                    await _injector.HealAsync(fault);
                    continue;
                }
                Explain(fault, picture);
                await _injector.InjectAsync(fault);
            }
        }
    }

    /// <summary>Lets time pass until the cluster is as it must be, and then makes sure that nothing goes on happening.</summary>
    /// <param name="within">How long that may take.</param>
    /// <param name="calm">How long nothing must happen afterwards.</param>
    /// <exception cref="InvalidOperationException">It is not so in time, more happened than faults explain, or something goes on.</exception>
    public async Task SettleAsync(TimeSpan within, TimeSpan calm)
    {
        var end = scene.Clock.GetUtcNow() + within;
        await scene.AdvanceAsync(Hidden);
        List<string> wrong;
        do
        {
            // What was done last has not had its effect yet.
            await scene.AdvanceAsync(TimeSpan.FromMinutes(1));
            var picture = Look();
            wrong = [.. Invariants.WhenCalm(picture), .. Invariants.StillTried(picture)];
            if (scene.Clock.GetUtcNow() >= end)
                Require(wrong, $"{within} after the last fault");
        }
        while (wrong.Count > 0);
        var counted = restarts.Take();
        Counted = counted.Values.Aggregate(default(Restarts), (sum, one) => sum + one);
        if (_explained.Count > 0)
            Require(counted.Where(one => one.Value.Pods > _explained[one.Key].Pods || one.Value.Engines > _explained[one.Key].Engines).Select(one => $"{one.Key} has had {one.Value}, of which {_explained[one.Key]} are explained"), "after the storm");
        var before = Look();
        await scene.AdvanceAsync(calm);
        var after = Look();
        Require(restarts.Take().Where(one => !after.Ails(one.Key) || one.Value.Pods > 0 || one.Value.Engines > TriesOf(one.Key, calm)).Select(one => $"{one.Key} has had {one.Value} although nothing happened"), $"{calm} later");
        Require(Invariants.WhenCalm(after), $"{calm} later");
        Require(before.Deployments.Zip(after.Deployments).Where(pair => !ReferenceEquals(pair.First, pair.Second) && !after.Ails(pair.First.Name)).Select(pair => $"the status of {pair.First.Name} was written although nothing happened"), $"{calm} later");
        Require(await _census.TakeAsync(after), "in the census");
    }

    private ClusterPicture Look()
    {
        var picture = _reader.Read() with { FailingImages = [.. _injector.FailingImages], FailingPods = [.. _injector.FailingPods] };
        foreach (var deployment in picture.Deployments.Where(deployment => deployment.Reason == "InsufficientCapacity" && _waiting.Add(deployment.Name)))
        {
            if (_explained.ContainsKey(deployment.Name))
                _explained[deployment.Name] += RestartBudget.Waiting(Array.Find(wanted, one => one.Name == deployment.Name)!);
        }
        return picture;
    }

    /// <summary>How many engines an engine that always fails may start: its group's, every ten minutes.</summary>
    private int TriesOf(string deployment, TimeSpan time)
    {
        var one = Array.Find(wanted, one => one.Name == deployment)!;
        return (int)Math.Ceiling(time / TimeSpan.FromMinutes(10)) * one.PodsOfAGroup;
    }

    private void Explain(Fault fault, ClusterPicture picture)
    {
        if (!RestartBudget.IsOfNode(fault.Kind))
        {
            Explain(_injector.Of(fault), fault.Kind);
            return;
        }
        foreach (var deployment in picture.Deployments.Where(deployment => deployment.Groups.Any(group => group.Gpus.Any(place => place.Node == nodes[fault.Node]))
            || picture.Pods.Any(pod => pod.Deployment == deployment.Name && pod.Node == nodes[fault.Node])))
            Explain(Array.Find(wanted, one => one.Name == deployment.Name)!, fault.Kind);
    }

    private void Explain(FaultDeployment deployment, FaultKind kind)
    {
        _explained[deployment.Name] += RestartBudget.Of(kind, deployment);
        if (_injector.FailingPods.Any(pod => pod.StartsWith($"{deployment.Name}-", StringComparison.Ordinal)))
            _explained[deployment.Name] += RestartBudget.OfAnotherSupervisor(deployment);
    }

    private void Require(IEnumerable<string> wrong, string when)
    {
        if (wrong.Take(20).ToList() is { Count: > 0 } sentences)
            throw new InvalidOperationException($"{when} (at {scene.Clock.Elapsed}):\n{string.Join('\n', sentences)}\n{scene.Describe(sentences[0].Split(' ', ':')[0], alone: true)}");
    }
}
