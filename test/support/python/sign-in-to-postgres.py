"""Signs in to PostgreSQL with a token as the password, and prints what each statement returned."""

import json
import sys

import psycopg

options = json.loads(sys.argv[1])


def run(user, token, statements, database):
    try:
        with psycopg.connect(
            host=options["host"],
            hostaddr="127.0.0.1",
            port=options["port"],
            user=user,
            password=token,
            dbname=database,
            sslmode="verify-full",
            sslrootcert=options["authority"],
            autocommit=True,
            connect_timeout=10,
        ) as connection:
            rows = []
            for statement in statements:
                cursor = connection.execute(statement)
                rows.append(cursor.fetchone()[0] if cursor.description else cursor.statusmessage)
            return rows
    except psycopg.Error as error:
        return ["error", str(error).splitlines()[-1].split("FATAL:  ")[-1]]


print(json.dumps([run(*each) for each in options["sessions"]]))
