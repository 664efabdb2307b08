// Gives a server of MongoDB commands until one fails, and prints what it answers.
(function (given) {
  var said = [];
  try {
    var server = new Mongo(given.address);
    for (var place = 0; place < given.commands.length; place++) {
      var answer;
      try {
        answer = server.getDB(given.database).runCommand(given.commands[place]);
      } catch (error) {
        answer = { ok: 0, errmsg: error.message, code: error.code };
      }
      said.push(answer);
      if (!answer.ok) {
        break;
      }
    }
  } catch (error) {
    said = { errmsg: error.message };
  }
  print('@said ' + JSON.stringify(said));
})
